#include "controller/cli/job_kind.h"

#include <algorithm>
#include <array>

namespace controller {

namespace {

constexpr std::array<std::string_view, 10> kKinds = {
    "create", "restore", "undo", "commit", "verify", "delete", "drill", "prune", "copy", "fetch"};

}  // namespace

std::optional<std::string> job_kind_of(std::string_view command) {
  if (command == "schedule run") {
    return "create";  // or who watches captures would not see it
  }
  const bool is_job = std::ranges::find(kKinds, command) != kKinds.end();
  return is_job ? std::optional(std::string(command)) : std::nullopt;
}

}  // namespace controller
