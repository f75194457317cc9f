#include "controller/archive/system_call.h"

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

}  // namespace controller
