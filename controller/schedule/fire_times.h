// When a cron expression fires in a time zone.
#pragma once

#include <chrono>
#include <optional>

#include "controller/calendar/time_zone.h"
#include "controller/schedule/cron.h"

namespace controller {

/// The first instant after `after`; absent if there is none within a hundred years.
///
/// Clocks that are put forward or back: an expression with fixed minutes and hours ("30 2 * * *")
/// fires once, right after a gap that swallowed it, and in the first pass of a time that comes
/// twice.  One that repeats (minutes or hours begin with '*') goes by the time that passes: nothing
/// is made up for after a gap, and both passes count.
std::optional<std::chrono::sys_seconds> next_fire(const CronExpression& cron, const TimeZone& zone,
                                                  std::chrono::sys_seconds after);

/// The last one in (after, until].
std::optional<std::chrono::sys_seconds> last_fire(const CronExpression& cron, const TimeZone& zone,
                                                  std::chrono::sys_seconds after,
                                                  std::chrono::sys_seconds until);

}  // namespace controller
