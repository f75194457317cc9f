#include "plugin/attended_run.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

#include "controller/archive/file_descriptor.h"
#include "plugin/spawned_line.h"

namespace plugin {

namespace {

using controller::FileDescriptor;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
    sigaddset(&set, signal);
  }
  return set;
}

/// What the docker CLI closes when it is told to end.  Absent if it does not listen: then signals
/// are all there is.
FileDescriptor connect_to(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.empty() || name.size() >= sizeof address.sun_path) {
    return {};
  }
  name.copy(address.sun_path, name.size());
  auto length = offsetof(sockaddr_un, sun_path) + name.size();
  if (name.front() == '@') {
    address.sun_path[0] = '\0';  // an abstract name, which counts to its last byte
  } else {
    ++length;
  }
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const void* bytes = &address;
  if (!socket || ::connect(socket.fd(), static_cast<const sockaddr*>(bytes),
                           static_cast<socklen_t>(length)) != 0) {
    return {};
  }
  return socket;
}

/// One command that is not in our process group, so that a terminal interrupts us alone.
class Command {
 public:
  explicit Command(std::vector<std::string>& line) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      fail("cannot make a pair of sockets");
    }
    typed_ = FileDescriptor(ends[0]);
    const FileDescriptor theirs(ends[1]);
    SpawnedLine spawned(line);
    spawned.redirect(theirs.fd(), STDIN_FILENO);
    spawned.apart();
    process_ = spawned.start();
  }

  /// Types Ctrl-C; in vain if the command does not read any more.
  void interrupt() const {
    const char etx = '\x03';
    ::send(typed_.fd(), &etx, 1, MSG_NOSIGNAL);
  }

  /// Its exit code, once it has ended; -1 before.
  [[nodiscard]] int exit_code() const {
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) != process_) {
      return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  FileDescriptor typed_;
  pid_t process_ = 0;
};

/// Nothing is ever said on this socket but that it closes.
bool closed(const FileDescriptor& socket) {
  char byte = 0;
  return ::recv(socket.fd(), &byte, 1, MSG_DONTWAIT) == 0;
}

std::uint32_t next_signal(const FileDescriptor& signals) {
  signalfd_siginfo info{};
  return ::read(signals.fd(), &info, sizeof info) == sizeof info ? info.ssi_signo : 0;
}

/// Waits for something to happen and notes it; returns the signal if it was one, else 0.
std::uint32_t listen(const FileDescriptor& signals, FileDescriptor& farewell,
                     Interrupts& interrupts) {
  std::array<pollfd, 2> awaited = {pollfd{signals.fd(), POLLIN, 0},
                                   pollfd{farewell.fd(), POLLIN, 0}};
  if (::poll(awaited.data(), awaited.size(), -1) < 0 && errno != EINTR) {
    fail("cannot wait for the command");
  }
  if (awaited[1].revents != 0 && closed(farewell)) {
    farewell.reset();
    interrupts.heard_farewell();
  }
  const auto signal = awaited[0].revents == 0 ? 0 : next_signal(signals);
  if (signal == SIGINT || signal == SIGTERM) {
    interrupts.heard_signal();
  }
  return signal;
}

/// Waits for the end of the command, which SIGHUP is for us.
int attend(const Command& command, const FileDescriptor& signals, FileDescriptor& farewell) {
  Interrupts interrupts;
  for (;;) {
    const auto signal = listen(signals, farewell, interrupts);
    if (signal == SIGHUP) {
      return 128 + SIGHUP;
    }
    const int code = signal == SIGCHLD ? command.exit_code() : -1;
    if (code >= 0) {
      return code;
    }
    for (int left = interrupts.take(); left > 0; --left) {
      command.interrupt();
    }
  }
}

}  // namespace

int Interrupts::take() {
  const int all = std::max(signals_, farewell_ ? 1 : 0);
  return all - std::exchange(taken_, all);
}

int attended_run(std::vector<std::string> line, const std::string& farewell_socket) {
  const auto set = watched();
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &set, &before);
  const FileDescriptor signals(::signalfd(-1, &set, SFD_CLOEXEC));
  if (!signals) {
    fail("cannot wait for signals");
  }
  auto farewell = connect_to(farewell_socket);
  const Command command(line);
  const int code = attend(command, signals, farewell);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return code;
}

}  // namespace plugin
