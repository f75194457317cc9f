#include "controller/schedule/scheduled_name.h"

#include "controller/clock.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

std::string scheduled_name(const std::string& schedule, std::chrono::sys_seconds now) {
  return schedule + "-" + snapshot_name_of(now);
}

std::string schedule_of(const std::string& snapshot) {
  const auto dash = snapshot.rfind('-');
  const bool timed = dash != std::string::npos && time_from_digits(snapshot.substr(dash + 1));
  return timed ? snapshot.substr(0, dash) : std::string();
}

}  // namespace controller
