// Civil time: what the clocks of a place show.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

namespace controller {

/// The system's time zone database has no zone of that name, or there is no database.
class UnknownTimeZone : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A stretch of time in which a zone's clocks are off from UTC by the same amount.
struct ZonePeriod {
  std::chrono::sys_seconds begin;
  std::chrono::sys_seconds end;  // the first instant after it
  std::chrono::seconds offset;   // east of Greenwich is positive

  [[nodiscard]] std::chrono::local_seconds civil(std::chrono::sys_seconds time) const {
    return std::chrono::local_seconds(time.time_since_epoch() + offset);
  }
  [[nodiscard]] std::chrono::sys_seconds instant(std::chrono::local_seconds civil_time) const {
    return std::chrono::sys_seconds(civil_time.time_since_epoch() - offset);
  }
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
};

/// "2026-11-20 02:00 +01:00"
std::string civil_text(const TimeZone& zone, std::chrono::sys_seconds time);

}  // namespace controller
