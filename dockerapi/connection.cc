#include "dockerapi/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cerrno>
#include <chrono>
#include <optional>
#include <system_error>

#include "dockerapi/error.h"
#include "dockerapi/tls_session.h"

namespace dockerapi {

namespace asio = boost::asio;
using Socket = asio::generic::stream_protocol::socket;

namespace {

constexpr std::chrono::seconds kConnectLimit{10};
constexpr int kKeepaliveSeconds = 30;

Socket connect_unix(asio::io_context& context, const Endpoint& endpoint) {
  asio::local::stream_protocol::socket socket(context);
  socket.connect(asio::local::stream_protocol::endpoint(endpoint.socket));
  return Socket(std::move(socket));
}

void keep_alive(asio::ip::tcp::socket& socket) {
  socket.set_option(asio::socket_base::keep_alive(true));
  socket.set_option(asio::ip::tcp::no_delay(true));
  using Idle = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>;
  using Interval = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPINTVL>;
  socket.set_option(Idle(kKeepaliveSeconds));
  socket.set_option(Interval(kKeepaliveSeconds));
}

Socket connect_tcp(asio::io_context& context, const Endpoint& endpoint) {
  asio::ip::tcp::resolver resolver(context);
  const auto places = resolver.resolve(endpoint.host, std::to_string(endpoint.port));
  asio::ip::tcp::socket socket(context);
  boost::system::error_code outcome = asio::error::timed_out;
  asio::async_connect(socket, places,
                      [&](const boost::system::error_code& error,
                          const asio::ip::tcp::endpoint& /*where*/) { outcome = error; });
  context.run_for(kConnectLimit);
  if (outcome) {
    throw boost::system::system_error(outcome);
  }
  keep_alive(socket);
  return Socket(std::move(socket));
}

Socket connect_to(asio::io_context& context, const Endpoint& endpoint) {
  try {
    return endpoint.socket.empty() ? connect_tcp(context, endpoint)
                                   : connect_unix(context, endpoint);
  } catch (const boost::system::system_error& error) {
    throw Unreachable(unreachable_text(endpoint, error.code().message()));
  }
}

}  // namespace

std::string unreachable_text(const Endpoint& endpoint, const std::string& cause) {
  const std::string hint = endpoint.socket.empty()
                               ? "Check DOCKER_HOST and that the engine listens there."
                               : "Check that the engine runs and that its socket is mounted here.";
  return "cannot reach the engine at " + to_string(endpoint) + ": " + cause + ". " + hint;
}

struct Connection::State {
  explicit State(const Endpoint& where) : endpoint(where), socket(connect_to(context, where)) {
    if (where.tls) {
      // OpenSSL itself drives the socket: Asio's TLS stream cannot close one direction only.
      socket.native_non_blocking(true);
      tls.emplace(socket.native_handle(), where);
    } else {
      socket.native_non_blocking(false);
    }
  }

  void check_cancelled() const {
    if (cancelled) {
      throw Cancelled("the connection to the engine was cancelled");
    }
  }

  /// What a call that failed throws: a cancelled one fails because its socket was shut down.
  [[noreturn]] void fail(int error) const {
    check_cancelled();
    throw Unreachable(unreachable_text(endpoint, std::system_category().message(error)));
  }

  std::size_t receive(char* into, std::size_t room) {
    for (;;) {
      const auto count = recv(socket.native_handle(), into, room, 0);
      if (count >= 0) {
        return static_cast<std::size_t>(count);
      }
      if (errno != EINTR) {
        fail(errno);
      }
    }
  }

  void send_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = send(socket.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(count));
        continue;
      }
      if (errno == EPIPE || errno == ECONNRESET) {
        check_cancelled();
        throw Error("cannot send to the engine: it reads no more");
      }
      if (errno != EINTR) {
        fail(errno);
      }
    }
  }

  Endpoint endpoint;
  asio::io_context context;
  Socket socket;
  std::optional<TlsSession> tls;
  std::atomic<bool> cancelled{false};
};

Connection::Connection(const Endpoint& endpoint) : state_(std::make_unique<State>(endpoint)) {}

Connection::~Connection() = default;

void Connection::hear_refusal(std::chrono::milliseconds limit) {
  if (state_->tls) {
    state_->tls->hear_refusal(limit);
  }
}

std::size_t Connection::read(char* into, std::size_t room) {
  state_->check_cancelled();
  std::size_t count = 0;
  try {
    count = state_->tls ? state_->tls->read(into, room) : state_->receive(into, room);
  } catch (const Unreachable&) {
    state_->check_cancelled();
    throw;
  }
  if (count == 0) {
    state_->check_cancelled();
  }
  return count;
}

void Connection::write(std::string_view bytes) {
  state_->check_cancelled();
  if (!state_->tls) {
    state_->send_all(bytes);
    return;
  }
  try {
    state_->tls->write(bytes);
  } catch (const Unreachable&) {
    state_->check_cancelled();
    throw;
  }
}

void Connection::close_write() {
  state_->check_cancelled();
  if (state_->tls) {
    state_->tls->close_write();
  } else {
    shutdown(state_->socket.native_handle(), SHUT_WR);
  }
}

void Connection::cancel() noexcept {
  state_->cancelled = true;
  // Wakes a recv, send or poll that is running in another thread.
  shutdown(state_->socket.native_handle(), SHUT_RDWR);
}

}  // namespace dockerapi
