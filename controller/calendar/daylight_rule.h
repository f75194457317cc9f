// What the clocks of a zone do for ever after the last change that its file lists.
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "controller/calendar/zone_period.h"

namespace controller {

/// A text that is no rule.
class DaylightRuleError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A day of any year, and what the clocks show on it when they change.
struct YearlyChange {
  enum class Kind {
    Weekday,    // the `week`-th `day` (0: Sunday) of `month`; 5: the last
    JulianDay,  // 1 to 365, the 29th of February not counted
    YearDay     // 0 to 365
  };
  Kind kind = Kind::Weekday;
  int month = 0;
  int week = 0;
  int day = 0;
  std::chrono::seconds time{std::chrono::hours{2}};  // may be negative, or more than a day
};

/// Two offsets that take turns.
struct DaylightRule {
  std::chrono::seconds standard;
  std::chrono::seconds daylight;
  YearlyChange to_daylight;
  YearlyChange to_standard;
};

/// Of a POSIX TZ string as the footer of a zone's file has it (RFC 8536),
/// "CET-1CEST,M3.5.0,M10.5.0/3". Absent: the clocks do not change any more.  Throws
/// DaylightRuleError.
std::optional<DaylightRule> parse_daylight_rule(std::string_view text);

/// The stretch between two changes that `time` is in.
ZonePeriod period_at(const DaylightRule& rule, std::chrono::sys_seconds time);

}  // namespace controller
