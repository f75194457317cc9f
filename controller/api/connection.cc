#include "controller/api/connection.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace controller {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kHeadEnd = "\r\n\r\n";

/// False when the time is up.  What is wrong with a socket is said by whoever uses it.
bool wait_for(int socket, short what, SlowClients::Time deadline) {
  pollfd waited{socket, what, 0};
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    const int found = ::poll(&waited, 1, static_cast<int>(std::max(left, milliseconds{}).count()));
    if (found >= 0 || errno != EINTR) {
      return found != 0;
    }
  }
}

bool would_wait() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

using NameOf = int (*)(int, sockaddr*, socklen_t*);

ConnectionEnd end_of(int socket, NameOf name_of) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (name_of(socket, plain, &size) != 0 ||
      ::getnameinfo(plain, size, host.data(), host.size(), port.data(), port.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {};
  }
  ConnectionEnd end{host.data(), 0};
  std::from_chars(port.data(), port.data() + std::strlen(port.data()), end.port);
  return end;
}

}  // namespace

Connection::Connection(int socket, const RequestLimits& limits, SlowClients& clients)
    : socket_(socket),
      limits_(limits),
      deadline_(steady_clock::now() + limits.head_time),
      client_(clients, socket, steady_clock::now()) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(limits.write_time);
  const timeval longest{seconds.count(),
                        std::chrono::microseconds(limits.write_time - seconds).count()};
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof longest);  // cannot fail on TCP
}

Connection::~Connection() {
  // What came and nobody read would reset the connection, and the client lose our answer.
  ::shutdown(socket(), SHUT_WR);
  std::array<char, 4096> unread;
  for (int i = 0; i < 256 && ::recv(socket(), unread.data(), unread.size(), MSG_DONTWAIT) > 0;
       ++i) {
  }
}

HeadRead Connection::read_head() {
  std::array<char, 4096> part;
  for (std::size_t from = 0; ahead_.find(kHeadEnd, from) == std::string::npos;) {
    from = ahead_.size() - std::min(ahead_.size(), kHeadEnd.size() - 1);
    if (ahead_.size() >= limits_.head_bytes) {
      return HeadRead::kTooLarge;
    }
    const auto found =
        receive(part.data(), std::min(part.size(), limits_.head_bytes - ahead_.size()));
    if (found <= 0) {
      return !ahead_.empty() && steady_clock::now() >= deadline_ ? HeadRead::kTooLate
                                                                 : HeadRead::kEnded;
    }
    ahead_.append(part.data(), static_cast<std::size_t>(found));
  }
  deadline_ = steady_clock::now() + limits_.body_time;
  return HeadRead::kWhole;
}

ssize_t Connection::read(char* to, std::size_t size) {
  if (given_ == ahead_.size()) {
    return receive(to, size);
  }
  const auto given = ahead_.copy(to, size, given_);
  given_ += given;
  return static_cast<ssize_t>(given);
}

ssize_t Connection::receive(char* to, std::size_t size) {
  if (steady_clock::now() >= deadline_) {
    return -1;
  }
  const auto found = ::recv(socket(), to, size, MSG_DONTWAIT);
  if (found >= 0 || !would_wait()) {
    return found;
  }
  const SlowClients::Wait wait(client_, SlowClients::For::Bytes);
  return wait_for(socket(), POLLIN, deadline_) && !wait.broken_off()
             ? ::recv(socket(), to, size, MSG_DONTWAIT)
             : -1;
}

ssize_t Connection::write(const char* from, std::size_t size) {
  const auto written = ::send(socket(), from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (written >= 0 || !would_wait()) {
    return written;
  }
  const SlowClients::Wait wait(client_, SlowClients::For::Room);
  return ::send(socket(), from, size, MSG_NOSIGNAL);
}

bool Connection::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = write(bytes.data(), bytes.size());
    if (written <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool Connection::is_writable() const {
  const SlowClients::Wait wait(client_, SlowClients::For::Room);
  if (!wait_for(socket(), POLLOUT, steady_clock::now() + limits_.write_time) || wait.broken_off()) {
    return false;
  }
  char next = 0;
  const auto seen = ::recv(socket(), &next, 1, MSG_PEEK | MSG_DONTWAIT);
  return seen > 0 || (seen < 0 && would_wait());
}

ConnectionEnd Connection::remote() const {
  return end_of(socket(), ::getpeername);
}

ConnectionEnd Connection::local() const {
  return end_of(socket(), ::getsockname);
}

}  // namespace controller
