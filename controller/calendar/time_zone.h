// Civil time: what the clocks of a place show.
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

#include "controller/calendar/daylight_rule.h"

namespace controller {

/// The system's time zone database has no zone of that name, or there is no database.
class UnknownTimeZone : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A zone of the system's database.  Cheap to copy; may be used from several threads.
class TimeZone {
 public:
  /// "Europe/Berlin", "UTC".  Throws UnknownTimeZone.
  explicit TimeZone(const std::string& name);

  [[nodiscard]] const std::string& name() const { return name_; }

  [[nodiscard]] ZonePeriod period_at(std::chrono::sys_seconds time) const;

  [[nodiscard]] std::chrono::local_seconds civil(std::chrono::sys_seconds time) const;

 private:
  std::string name_;
  const void* zone_;  // the library's; lives as long as the process
  // After the last change of the file, which the library takes to be the last one for ever.
  std::optional<DaylightRule> rule_;
};

/// "2026-11-20 02:00 +01:00"
std::string civil_text(const TimeZone& zone, std::chrono::sys_seconds time);

}  // namespace controller
