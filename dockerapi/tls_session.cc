#include "dockerapi/tls_session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <system_error>

#include "dockerapi/connection.h"
#include "dockerapi/error.h"

namespace dockerapi {

namespace {

constexpr int kHandshakeMilliseconds = 30'000;
constexpr int kForever = -1;

std::string openssl_text() {
  const auto code = ERR_get_error();
  if (code == 0) {
    return errno == 0 ? "the connection ended" : std::system_category().message(errno);
  }
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

struct ContextCloser {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SslCloser {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

bool is_address(const std::string& host) {
  std::unique_ptr<ASN1_OCTET_STRING, void (*)(ASN1_OCTET_STRING*)> address(
      a2i_IPADDRESS(host.c_str()), ASN1_OCTET_STRING_free);
  ERR_clear_error();
  return address != nullptr;
}

}  // namespace

struct TlsSession::State {
  Endpoint endpoint;
  int socket = -1;
  std::unique_ptr<SSL_CTX, ContextCloser> context;
  std::unique_ptr<SSL, SslCloser> ssl;
  std::mutex mutex;

  [[noreturn]] void fail(const std::string& cause) const {
    throw Unreachable(unreachable_text(endpoint, cause));
  }

  void load(const TlsFiles& files) const {
    const auto check = [this](int result, const std::string& file) {
      if (result != 1) {
        fail("cannot use " + file + ": " + openssl_text());
      }
    };
    check(SSL_CTX_load_verify_locations(context.get(), files.authority.c_str(), nullptr),
          files.authority);
    check(SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()),
          files.certificate);
    check(SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM),
          files.key);
  }

  void expect_host() const {
    const auto& host = endpoint.host;
    if (is_address(host)) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str());
      return;
    }
    // What the macro SSL_set_tlsext_host_name does, without its C cast.
    SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
    SSL_set1_host(ssl.get(), host.c_str());
  }

  /// Repeats `step` until it succeeds, waiting for the socket in between.  Returns its result, 0
  /// at the peer's orderly end.
  template <typename Step>
  int run(const Step& step, int milliseconds) {
    for (;;) {
      short wanted = 0;
      {
        const std::lock_guard lock(mutex);
        ERR_clear_error();
        errno = 0;
        const int result = step(ssl.get());
        if (result > 0) {
          return result;
        }
        switch (SSL_get_error(ssl.get(), result)) {
          case SSL_ERROR_ZERO_RETURN:
            return 0;
          case SSL_ERROR_WANT_READ:
            wanted = POLLIN;
            break;
          case SSL_ERROR_WANT_WRITE:
            wanted = POLLOUT;
            break;
          default:
            fail(reason());
        }
      }
      await(wanted, milliseconds);
    }
  }

  [[nodiscard]] std::string reason() const {
    const auto verdict = SSL_get_verify_result(ssl.get());
    if (verdict != X509_V_OK) {
      return std::string("its certificate is not to be believed: ") +
             X509_verify_cert_error_string(verdict);
    }
    return openssl_text();
  }

  void await(short wanted, int milliseconds) const {
    pollfd ready{socket, wanted, 0};
    const int count = poll(&ready, 1, milliseconds);
    if (count == 0) {
      fail("it did not answer in time");
    }
    if (count < 0 && errno != EINTR) {
      fail(std::system_category().message(errno));
    }
  }
};

TlsSession::TlsSession(int socket, const Endpoint& endpoint) : state_(std::make_unique<State>()) {
  state_->endpoint = endpoint;
  state_->socket = socket;
  state_->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_min_proto_version(state_->context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(state_->context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(state_->context.get(), SSL_VERIFY_PEER, nullptr);
  state_->load(endpoint.tls.value());
  state_->ssl.reset(SSL_new(state_->context.get()));
  SSL_set_fd(state_->ssl.get(), socket);
  state_->expect_host();
  if (state_->run(SSL_connect, kHandshakeMilliseconds) == 0) {
    state_->fail("it ended the TLS handshake");
  }
}

TlsSession::~TlsSession() = default;

void TlsSession::hear_refusal(std::chrono::milliseconds limit) {
  // An engine that accepts us sends a session ticket, which is not for us to read.
  pollfd ready{state_->socket, POLLIN, 0};
  if (poll(&ready, 1, static_cast<int>(limit.count())) <= 0) {
    return;
  }
  const std::lock_guard lock(state_->mutex);
  ERR_clear_error();
  errno = 0;
  char byte = 0;
  const int result = SSL_peek(state_->ssl.get(), &byte, 1);
  if (result <= 0 && SSL_get_error(state_->ssl.get(), result) != SSL_ERROR_WANT_READ) {
    state_->fail("it refuses us: " + openssl_text());
  }
}

std::size_t TlsSession::read(char* into, std::size_t room) {
  const int result =
      state_->run([&](SSL* ssl) { return SSL_read(ssl, into, static_cast<int>(room)); }, kForever);
  return static_cast<std::size_t>(result);
}

void TlsSession::write(std::string_view bytes) {
  while (!bytes.empty()) {
    constexpr std::size_t kMost = 1 << 20;
    const auto piece = bytes.substr(0, kMost);
    const int sent = state_->run(
        [&](SSL* ssl) { return SSL_write(ssl, piece.data(), static_cast<int>(piece.size())); },
        kForever);
    if (sent == 0) {
      throw Error("cannot send to the engine: it reads no more");
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void TlsSession::close_write() {
  // 0 says that our close_notify is out; the peer's own comes with the end of its bytes.
  state_->run([](SSL* ssl) { return SSL_shutdown(ssl) == 0 ? 1 : SSL_get_shutdown(ssl); },
              kForever);
}

}  // namespace dockerapi
