#include "tests/dockerapi/tiny_server.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <utility>

namespace dockerapi_test {

namespace {

class PlainPeer : public Peer {
 public:
  explicit PlainPeer(int socket) : socket_(socket) {}

  std::string receive() override {
    std::array<char, 65536> buffer{};
    const auto count = recv(socket_, buffer.data(), buffer.size(), 0);
    return {buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }

  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto count = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) {
        return;
      }
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

 private:
  int socket_;
};

class TlsPeer : public Peer {
 public:
  TlsPeer(int socket, SSL_CTX* context) : ssl_(SSL_new(context), SSL_free) {
    SSL_set_fd(ssl_.get(), socket);
    accepted_ = SSL_accept(ssl_.get()) == 1;
  }
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;
  ~TlsPeer() override {
    if (accepted_) {
      SSL_shutdown(ssl_.get());
    }
  }

  [[nodiscard]] bool accepted() const { return accepted_; }

  std::string receive() override {
    std::array<char, 65536> buffer{};
    const int count = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    return {buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }

  void write(std::string_view bytes) override {
    SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }

 private:
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  bool accepted_ = false;
};

std::string make_folder() {
  std::string pattern = std::filesystem::temp_directory_path() / "cofferdam-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("cannot make a temporary folder");
  }
  return pattern;
}

int listen_unix(const std::string& path) {
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  listen(listener, 8);
  return listener;
}

std::pair<int, std::uint16_t> listen_tcp() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  bind(listener, reinterpret_cast<const sockaddr*>(&address), size);
  listen(listener, 8);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return {listener, ntohs(address.sin_port)};
}

}  // namespace

std::string Peer::read_some() {
  return ahead_.empty() ? receive() : std::exchange(ahead_, {});
}

std::string Peer::read_request() {
  std::string request;
  std::size_t end = std::string::npos;
  while (end == std::string::npos) {
    const auto more = read_some();
    if (more.empty()) {
      return request;
    }
    request += more;
    end = request.find("\r\n\r\n");
  }
  end += 4;
  const std::string field = "Content-Length: ";
  const auto at = request.find(field);
  if (at < end) {
    end += std::stoul(request.substr(at + field.size()));
  }
  while (request.size() < end) {
    const auto more = read_some();
    if (more.empty()) {
      return request;
    }
    request += more;
  }
  ahead_ = request.substr(end);
  return request.substr(0, end);
}

std::string Peer::read_to_end() {
  std::string all;
  for (auto more = read_some(); !more.empty(); more = read_some()) {
    all += more;
  }
  return all;
}

struct TinyServer::State {
  Transport transport = Transport::Unix;
  Script script;
  std::string folder = make_folder();
  int listener = -1;
  std::uint16_t port = 0;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context{nullptr, SSL_CTX_free};
  std::thread thread;

  void use_certificates() {
    make_certificates(folder);
    context.reset(SSL_CTX_new(TLS_server_method()));
    const auto file = [this](const char* name) { return folder + "/" + name; };
    SSL_CTX_use_certificate_file(context.get(), file("server.pem").c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context.get(), file("server-key.pem").c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_load_verify_locations(context.get(), file("ca.pem").c_str(), nullptr);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }

  void answer(int connection) const {
    if (transport != Transport::Tls) {
      PlainPeer peer(connection);
      script(peer);
      return;
    }
    TlsPeer peer(connection, context.get());
    if (peer.accepted()) {
      script(peer);
    }
  }

  void serve() const {
    for (;;) {
      const int connection = accept(listener, nullptr, nullptr);
      if (connection < 0) {
        return;
      }
      answer(connection);
      close(connection);
    }
  }
};

TinyServer::TinyServer(Transport transport, Script script) : state_(std::make_unique<State>()) {
  std::signal(SIGPIPE, SIG_IGN);
  state_->transport = transport;
  state_->script = std::move(script);
  if (transport == Transport::Unix) {
    state_->listener = listen_unix(state_->folder + "/s");
  } else {
    std::tie(state_->listener, state_->port) = listen_tcp();
  }
  if (transport == Transport::Tls) {
    state_->use_certificates();
  }
  state_->thread = std::thread([state = state_.get()] { state->serve(); });
}

TinyServer::~TinyServer() {
  // Ends the accept that the thread blocks in.
  shutdown(state_->listener, SHUT_RDWR);
  state_->thread.join();
  close(state_->listener);
  std::filesystem::remove_all(state_->folder);
}

dockerapi::Endpoint TinyServer::endpoint() const {
  if (state_->transport == Transport::Unix) {
    return {state_->folder + "/s", "", 0, std::nullopt};
  }
  dockerapi::Endpoint endpoint{"", "127.0.0.1", state_->port, std::nullopt};
  if (state_->transport == Transport::Tls) {
    endpoint.tls = {folder() + "/ca.pem", folder() + "/cert.pem", folder() + "/key.pem"};
  }
  return endpoint;
}

std::string TinyServer::folder() const {
  return state_->folder;
}

}  // namespace dockerapi_test
