#include "controller/archive/exclusion.h"

#include <fnmatch.h>

#include <algorithm>
#include <cstddef>

namespace controller {
namespace {

std::vector<std::string> components(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (!part.empty() && part != ".") {
      parts.emplace_back(part);
    }
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return parts;
}

}  // namespace

Exclusion::Exclusion(const std::vector<std::string>& globs) {
  for (const auto& glob : globs) {
    if (Components parts = components(glob); !parts.empty()) {
      globs_.push_back(std::move(parts));
    }
  }
}

bool Exclusion::matches(std::string_view path) const {
  if (globs_.empty()) {
    return false;
  }
  const Components parts = components(path);
  return std::any_of(globs_.begin(), globs_.end(),
                     [&parts](const Components& glob) { return matches(glob, parts); });
}

// As a single '*' is matched in a string: on a mismatch the last "**" takes one component more.
bool Exclusion::matches(const Components& glob, const Components& path) {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t in_glob = 0;
  std::size_t in_path = 0;
  std::size_t stars = kNone;
  std::size_t resume = 0;
  while (in_path < path.size()) {
    if (in_glob < glob.size() && glob[in_glob] == "**") {
      if (in_glob + 1 == glob.size()) {
        return true;
      }
      stars = in_glob++;
      resume = in_path;
    } else if (in_glob < glob.size() &&
               ::fnmatch(glob[in_glob].c_str(), path[in_path].c_str(), 0) == 0) {
      ++in_glob;
      ++in_path;
    } else if (stars != kNone) {
      in_glob = stars + 1;
      in_path = ++resume;
    } else {
      return false;
    }
  }
  return in_glob == glob.size();
}

}  // namespace controller
