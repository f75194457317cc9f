#include "controller/archive/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace controller {
namespace {

// Kernels before 5.6 do not know openat2, and old seccomp profiles answer EPERM for it.  EPERM can
// also be meant, so a call that does know it is asked for something harmless first.
bool openat2_works() {
  static const bool kWorks = [] {
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const FileDescriptor here(
        static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, ".", &how, sizeof(how))));
    return static_cast<bool>(here);
  }();
  return kWorks;
}

}  // namespace

FileDescriptor open_beneath(int directory, const char* name, int flags, mode_t mode) {
  flags |= O_CLOEXEC | O_NOFOLLOW;
  if (!openat2_works()) {
    // For a single component O_NOFOLLOW says the same, but for "..".
    if (std::strcmp(name, "..") == 0 || std::strchr(name, '/') != nullptr) {
      errno = EXDEV;
      return {};
    }
    return FileDescriptor(::openat(directory, name, flags, mode));
  }
  open_how how{};
  how.flags = static_cast<unsigned>(flags);
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return FileDescriptor(
      static_cast<int>(::syscall(SYS_openat2, directory, name, &how, sizeof(how))));
}

std::string path_beneath(int directory, const std::string& name) {
  return "/proc/self/fd/" + std::to_string(directory) + "/" + name;
}

}  // namespace controller
