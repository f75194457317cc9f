// A stretch of time in which a zone's clocks are off from UTC by the same amount.
#pragma once

#include <chrono>

namespace controller {

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

}  // namespace controller
