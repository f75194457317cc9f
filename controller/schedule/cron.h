// A cron expression: which civil minutes it names.
#pragma once

#include <bitset>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace controller {

/// An expression that cannot be meant; the text says which field, what it says and what it may say.
class CronError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Minute, hour, day of month, month, day of week, as crontab(5) has them.  If both days are
/// restricted, either suffices.
struct CronExpression {
  std::string text;  // as written
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<32> days;
  std::bitset<13> months;
  std::bitset<7> weekdays;  // 0: Sunday
  bool any_day = true;      // the field begins with '*'
  bool any_weekday = true;
  bool repeating = false;  // minutes or hours begin with '*': "every …" and not "at …"
};

/// "30 2 * * mon-fri", "@daily".  Throws CronError, also for one that no day of the calendar has.
CronExpression parse_cron(std::string_view text);

/// The first minute named by `cron` in [from, until).
std::optional<std::chrono::local_seconds> first_match(const CronExpression& cron,
                                                      std::chrono::local_seconds from,
                                                      std::chrono::local_seconds until);

}  // namespace controller
