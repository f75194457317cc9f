#include "controller/snapshot/artifact_path.h"

namespace controller {

bool valid_artifact_path(std::string_view path) {
  constexpr std::size_t kLongest = 1024;
  if (path.size() > kLongest || path.find('\0') != std::string_view::npos) {
    return false;
  }
  while (true) {
    const auto component = path.substr(0, path.find('/'));
    if (component.empty() || component == "." || component == "..") {
      return false;
    }
    if (component.size() == path.size()) {
      return true;
    }
    path.remove_prefix(component.size() + 1);
  }
}

}  // namespace controller
