#include "controller/calendar/time_zone.h"

#include <date/tz.h>

#include <cstdio>

namespace controller {

TimeZone::TimeZone(const std::string& name) : name_(name) {
  try {
    zone_ = date::locate_zone(name);
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
  return {std::chrono::sys_seconds(info.begin.time_since_epoch()),
          std::chrono::sys_seconds(info.end.time_since_epoch()), info.offset};
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
