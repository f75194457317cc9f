#include "controller/calendar/daylight_rule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace controller {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using std::chrono::year;

constexpr int kLastWeek = 5;

/// Reads a rule from left to right.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : text_(text), left_(text) {}

  std::optional<DaylightRule> read() {
    DaylightRule rule{};
    skip_name();
    rule.standard = -time();
    if (left_.empty()) {
      return std::nullopt;
    }
    skip_name();
    rule.daylight = next_is(',') ? rule.standard + hours(1) : -time();
    rule.to_daylight = change();
    rule.to_standard = change();
    if (!left_.empty()) {
      complain("nothing more");
    }
    return rule;
  }

 private:
  [[noreturn]] void complain(const std::string& wanted) const {
    throw DaylightRuleError(
        "\"" + std::string(text_) + "\" is no rule for a zone's clocks: " + wanted +
        " should come after \"" + std::string(text_.substr(0, text_.size() - left_.size())) + "\"");
  }

  [[nodiscard]] bool next_is(char wanted) const { return left_.starts_with(wanted); }

  bool take(char wanted) {
    const bool there = next_is(wanted);
    left_.remove_prefix(there ? 1 : 0);
    return there;
  }

  void skip_name() {
    const bool quoted = next_is('<');
    const auto end = quoted ? left_.find('>') : left_.find_first_of("+-,0123456789");
    if (end == 0 || end == std::string_view::npos) {
      complain("an abbreviation");
    }
    left_.remove_prefix(quoted ? end + 1 : end);
  }

  int number(int lowest, int highest) {
    int value = 0;
    const auto [end, problem] = std::from_chars(left_.data(), left_.data() + left_.size(), value);
    if (problem != std::errc() || value < lowest || value > highest) {
      complain("a number from " + std::to_string(lowest) + " to " + std::to_string(highest));
    }
    left_.remove_prefix(static_cast<std::size_t>(end - left_.data()));
    return value;
  }

  /// "-1", "3:30", "+167:00:00".
  seconds time() {
    const bool negative = take('-');
    if (!negative) {
      take('+');
    }
    seconds value = hours(number(0, 167));
    if (take(':')) {
      value += minutes(number(0, 59));
    }
    if (take(':')) {
      value += seconds(number(0, 59));
    }
    return negative ? -value : value;
  }

  void want(char wanted) {
    if (!take(wanted)) {
      complain(std::string("a '") + wanted + "'");
    }
  }

  YearlyChange change() {
    want(',');
    YearlyChange change;
    if (take('M')) {
      change.month = number(1, 12);
      want('.');
      change.week = number(1, kLastWeek);
      want('.');
      change.day = number(0, 6);
    } else if (take('J')) {
      change.kind = YearlyChange::Kind::JulianDay;
      change.day = number(1, 365);
    } else {
      change.kind = YearlyChange::Kind::YearDay;
      change.day = number(0, 365);
    }
    if (take('/')) {
      change.time = time();
    }
    return change;
  }

  std::string_view text_;
  std::string_view left_;
};

local_days weekday_of_month(const YearlyChange& change, year in) {
  const auto month = in / std::chrono::month(static_cast<unsigned>(change.month));
  const std::chrono::weekday day(static_cast<unsigned>(change.day));
  if (change.week == kLastWeek) {
    return local_days(month / day[std::chrono::last]);
  }
  return local_days(month / day[static_cast<unsigned>(change.week)]);
}

local_days day_of(const YearlyChange& change, year in) {
  const local_days new_year(in / 1 / 1);
  switch (change.kind) {
    case YearlyChange::Kind::Weekday:
      return weekday_of_month(change, in);
    case YearlyChange::Kind::JulianDay:
      return new_year + days(change.day - (in.is_leap() && change.day >= 60 ? 0 : 1));
    case YearlyChange::Kind::YearDay:
      break;
  }
  return new_year + days(change.day);
}

/// `offset`: that of the clocks before it.
sys_seconds instant_of(const YearlyChange& change, year in, seconds offset) {
  const auto civil = day_of(change, in) + change.time;
  return sys_seconds(civil.time_since_epoch() - offset);
}

struct Change {
  sys_seconds time;
  seconds offset;  // from then on
};

}  // namespace

std::optional<DaylightRule> parse_daylight_rule(std::string_view text) {
  return RuleReader(text).read();
}

ZonePeriod period_at(const DaylightRule& rule, sys_seconds time) {
  const auto now = std::chrono::year_month_day(std::chrono::floor<days>(time)).year();
  std::array<Change, 6> changes{};
  auto* slot = changes.begin();
  for (auto in = now - std::chrono::years(1); in <= now + std::chrono::years(1); ++in) {
    *slot++ = {instant_of(rule.to_daylight, in, rule.standard), rule.daylight};
    *slot++ = {instant_of(rule.to_standard, in, rule.daylight), rule.standard};
  }
  // Stable: where daylight lasts all year, it ends as it begins again.
  std::stable_sort(changes.begin(), changes.end(),
                   [](const auto& one, const auto& other) { return one.time < other.time; });
  const auto next = std::ranges::upper_bound(changes, time, {}, &Change::time);
  return {std::prev(next)->time, next->time, std::prev(next)->offset};
}

}  // namespace controller
