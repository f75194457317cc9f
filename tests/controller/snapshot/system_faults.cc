#include "tests/controller/snapshot/system_faults.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <stdexcept>

// The names that --wrap gives to the real functions.
extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier)
int __real_open(const char* path, int flags, ...);
int __real_mkdir(const char* path, mode_t mode);
ssize_t __real_write(int fd, const void* bytes, size_t size);
ssize_t __real_pwrite(int fd, const void* bytes, size_t size, off_t offset);
int __real_ftruncate(int fd, off_t size);
int __real_fsync(int fd);
int __real_renameat2(int from, const char* old_name, int to, const char* new_name, unsigned flags);
int __real_unlink(const char* path);
int __real_unlinkat(int directory, const char* name, int flags);
// NOLINTEND(bugprone-reserved-identifier)
}

namespace controller {
namespace {

struct Plan {
  bool armed = false;
  int chosen = 0;  // 0: none
  Fault fault = Fault::Broken;
  std::string failing;  // name of the calls that all fail
  int error = 0;
  std::vector<DiskCall> calls;
};

Plan& plan() {
  static Plan instance;  // the wrapped functions have no other way to it
  return instance;
}

std::string path_of(int fd) {
  std::array<char, 4096> path{};
  const auto link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : "?";
}

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  ::_exit(1);
}

template <typename Result>
Result pass(const std::string& name, const std::string& path, const std::function<Result()>& real) {
  if (!plan().armed) {
    return real();
  }
  plan().calls.push_back({name, path});
  if (name == plan().failing) {
    errno = plan().error;
    return -1;
  }
  if (static_cast<int>(plan().calls.size()) != plan().chosen) {
    return real();
  }
  switch (plan().fault) {
    case Fault::KillBefore:
      die();
    case Fault::KillAfter:
      real();
      die();
    case Fault::NoSpace:
      errno = ENOSPC;
      return -1;
    case Fault::Broken:
      break;
  }
  errno = EIO;
  return -1;
}

/// Disarms on every way out.
class Armed {
 public:
  explicit Armed(Plan wanted) {
    plan() = std::move(wanted);
    plan().armed = true;
  }
  Armed(const Armed&) = delete;
  Armed& operator=(const Armed&) = delete;
  ~Armed() { plan().armed = false; }
};

}  // namespace

bool dies_at(int n, Fault fault, const std::function<void()>& action) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      const Armed armed({false, n, fault, "", 0, {}});
      action();
    } catch (const std::exception&) {
      ::_exit(2);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFSIGNALED(status) && WEXITSTATUS(status) != 0) {
    throw std::runtime_error("the process failed instead of dying");
  }
  return WIFSIGNALED(status);
}

bool fails_at(int n, Fault fault, const std::function<void()>& action) {
  const Armed armed({false, n, fault, "", 0, {}});
  action();
  return static_cast<int>(plan().calls.size()) >= n;
}

void fails_always(const std::string& name, int error, const std::function<void()>& action) {
  const Armed armed({false, 0, Fault::Broken, name, error, {}});
  action();
}

std::vector<DiskCall> calls_of(const std::function<void()>& action) {
  const Armed armed({});
  action();
  return plan().calls;
}

}  // namespace controller

using controller::pass;
using controller::path_of;

extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl50-cpp)
int __wrap_open(const char* path, int flags, ...) {
  if ((flags & O_CREAT) == 0) {
    return __real_open(path, flags);
  }
  va_list more;
  va_start(more, flags);
  const auto mode = va_arg(more, mode_t);
  va_end(more);
  return pass<int>("create", path, [&] { return __real_open(path, flags, mode); });
}

int __wrap_mkdir(const char* path, mode_t mode) {
  return pass<int>("mkdir", path, [&] { return __real_mkdir(path, mode); });
}

ssize_t __wrap_write(int fd, const void* bytes, size_t size) {
  return pass<ssize_t>("write", path_of(fd), [&] { return __real_write(fd, bytes, size); });
}

ssize_t __wrap_pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  return pass<ssize_t>("write", path_of(fd),
                       [&] { return __real_pwrite(fd, bytes, size, offset); });
}

int __wrap_ftruncate(int fd, off_t size) {
  return pass<int>("write", path_of(fd), [&] { return __real_ftruncate(fd, size); });
}

int __wrap_fsync(int fd) {
  return pass<int>("fsync", path_of(fd), [&] { return __real_fsync(fd); });
}

int __wrap_renameat2(int from, const char* old_name, int to, const char* new_name, unsigned flags) {
  return pass<int>("rename", path_of(from) + "/" + old_name,
                   [&] { return __real_renameat2(from, old_name, to, new_name, flags); });
}

int __wrap_unlink(const char* path) {
  return pass<int>("unlink", path, [&] { return __real_unlink(path); });
}

int __wrap_unlinkat(int directory, const char* name, int flags) {
  return pass<int>("unlink", path_of(directory) + "/" + name,
                   [&] { return __real_unlinkat(directory, name, flags); });
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl50-cpp)
}
