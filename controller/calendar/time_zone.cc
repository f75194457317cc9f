#include "controller/calendar/time_zone.h"

#include <date/tz.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace controller {

namespace {

constexpr const char* kDatabase = "/usr/share/zoneinfo/";
// A year that no file lists changes up to.
constexpr date::sys_days kForEver = date::year(10'000) / 1 / 1;
constexpr std::size_t kVersionAt = 4;

/// The last line of the zone's file.  Files of the first version have none.
std::string footer(const std::string& name) {
  std::ifstream file(kDatabase + name, std::ios::binary);
  std::ostringstream read;
  read << file.rdbuf();
  const auto text = read.str();
  if (text.starts_with("TZif") && text.size() > kVersionAt && text[kVersionAt] < '2') {
    return {};
  }
  if (!text.starts_with("TZif") || !text.ends_with('\n')) {
    throw std::runtime_error(kDatabase + name + " is no file of a time zone");
  }
  const auto begin = text.rfind('\n', text.size() - 2) + 1;
  return text.substr(begin, text.size() - 1 - begin);
}

std::optional<DaylightRule> rule_of(const std::string& name) {
  const auto text = footer(name);
  return text.empty() ? std::nullopt : parse_daylight_rule(text);
}

}  // namespace

TimeZone::TimeZone(const std::string& name) : name_(name) {
  try {
    zone_ = date::locate_zone(name);
    rule_ = rule_of(name);
  } catch (const std::runtime_error& error) {
    throw UnknownTimeZone("\"" + name +
                          "\" is no time zone this system knows; use a name such as Europe/Berlin "
                          "or UTC (" +
                          error.what() + ")");
  }
}

ZonePeriod TimeZone::period_at(std::chrono::sys_seconds time) const {
  const auto& zone = *static_cast<const date::time_zone*>(zone_);
  const auto info = zone.get_info(date::sys_seconds(time.time_since_epoch()));
  const std::chrono::sys_seconds begin(info.begin.time_since_epoch());
  if (rule_ && info.end >= kForEver) {
    auto period = controller::period_at(*rule_, time);
    period.begin = std::max(period.begin, begin);
    return period;
  }
  return {begin, std::chrono::sys_seconds(info.end.time_since_epoch()), info.offset};
}

std::chrono::local_seconds TimeZone::civil(std::chrono::sys_seconds time) const {
  return period_at(time).civil(time);
}

std::string civil_text(const TimeZone& zone, std::chrono::sys_seconds time) {
  const auto period = zone.period_at(time);
  const auto civil = period.civil(time);
  const auto day = std::chrono::floor<std::chrono::days>(civil);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(civil - day);
  const std::chrono::hh_mm_ss offset(std::chrono::abs(period.offset));
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d %c%02d:%02d",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), period.offset.count() < 0 ? '-' : '+',
                static_cast<int>(offset.hours().count()),
                static_cast<int>(offset.minutes().count()));
  return text;
}

}  // namespace controller
