#include "controller/schedule/fire_times.h"

#include <algorithm>
#include <array>

namespace controller {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr days kHorizon{36525};

/// The first instant in [from, until), which lies in one period.
std::optional<sys_seconds> in_period(const CronExpression& cron, const TimeZone& zone,
                                     const ZonePeriod& period, sys_seconds from,
                                     sys_seconds until) {
  local_seconds first = period.civil(from);
  if (!cron.repeating) {
    // What the clocks had shown when the period began.
    const auto shown = zone.period_at(period.begin - seconds(1)).civil(period.begin);
    const auto begin = period.civil(period.begin);
    if (from == period.begin && shown < begin && first_match(cron, shown, begin)) {
      return from;
    }
    first = std::max(first, shown);
  }
  const auto match = first_match(cron, first, period.civil(until));
  return match ? std::optional(period.instant(*match)) : std::nullopt;
}

}  // namespace

std::optional<sys_seconds> next_fire(const CronExpression& cron, const TimeZone& zone,
                                     sys_seconds after) {
  const sys_seconds horizon = after + kHorizon;
  for (sys_seconds from = after + seconds(1); from < horizon;) {
    const auto period = zone.period_at(from);
    const auto until = std::min(period.end, horizon);
    if (const auto time = in_period(cron, zone, period, from, until)) {
      return time;
    }
    from = until;
  }
  return std::nullopt;
}

std::optional<sys_seconds> last_fire(const CronExpression& cron, const TimeZone& zone,
                                     sys_seconds after, sys_seconds until) {
  // The shortest look back that has one: a year of minutes need not be walked.
  for (const auto window :
       {hours(1), hours(24), hours(31 * 24), hours(366 * 24), hours(kHorizon)}) {
    const auto from = std::max(after, until - window);
    std::optional<sys_seconds> last;
    for (auto next = next_fire(cron, zone, from); next && *next <= until;
         next = next_fire(cron, zone, *next)) {
      last = next;
    }
    if (last || from == after) {
      return last;
    }
  }
  return std::nullopt;
}

}  // namespace controller
