#include "controller/cli/wellbeing.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace controller {

namespace {

// Clearing up after a dead job takes as long as its containers need to come back.
constexpr std::chrono::minutes kLongestRound{15};

}  // namespace

void Wellbeing::note_round(const std::string& problem, Time now) {
  const std::scoped_lock lock(mutex_);
  problem_ = problem;
  last_round_ = now;
}

std::string Wellbeing::problem() const {
  const std::scoped_lock lock(mutex_);
  return problem_;
}

std::string Wellbeing::illness(Time now) const {
  const std::scoped_lock lock(mutex_);
  if (now - last_round_ > kLongestRound) {
    return "nothing has been looked after for a quarter of an hour";
  }
  if (access(state_.c_str(), W_OK) != 0 && errno != ENOENT) {
    return "cannot write " + state_.string() + ": " +
           std::error_code(errno, std::generic_category()).message();
  }
  return {};
}

}  // namespace controller
