#include "controller/archive/system_call.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "controller/archive/artifact.h"

namespace controller {

void throw_errno(const std::string& what, const std::string& path) {
  throw_error(errno, what, path);
}

void throw_error(int error, const std::string& what, const std::string& path) {
  const std::string text = "cannot " + what + " " + path;
  if (error == ENOSPC || error == EDQUOT) {
    throw NoSpace(text + ": " + std::generic_category().message(error));
  }
  throw std::system_error(error, std::generic_category(), text);
}

void write_at(int fd, std::string_view bytes, std::uint64_t offset, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno != EINTR) {
      throw_errno("write", path);
    }
    const auto done = static_cast<std::size_t>(written > 0 ? written : 0);
    offset += done;
    bytes.remove_prefix(done);
  }
}

}  // namespace controller
