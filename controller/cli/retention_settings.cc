#include "controller/cli/retention_settings.h"

#include <array>
#include <map>

#include "controller/cli/setting_values.h"

namespace controller {

namespace {

constexpr int kMost = 100'000;
constexpr int kGeoLensDaily = 7;
constexpr int kGeoLensWeekly = 4;

std::optional<int> count(const Environment& read, const std::string& name) {
  const auto text = read(name);
  return text ? std::optional(setting_number(name, *text, 0, kMost)) : std::nullopt;
}

/// Of a setting that has two names; `otherwise` if neither is set.
int count(const Environment& read, const std::string& own, const std::string& theirs,
          int otherwise) {
  const auto ours = count(read, own);
  const auto other = count(read, theirs);
  if (ours && other) {
    throw SettingError(own + " and " + theirs + " are both set; set one of them");
  }
  return ours ? *ours : other.value_or(otherwise);
}

std::chrono::weekday day(const std::string& name, const std::string& text) {
  constexpr std::array<std::string_view, 7> kDays = {"sunday",   "monday", "tuesday", "wednesday",
                                                     "thursday", "friday", "saturday"};
  for (unsigned number = 0; number < kDays.size(); ++number) {
    if (text == kDays.at(number)) {
      return std::chrono::weekday(number);
    }
  }
  throw SettingError(name + " is \"" + text +
                     "\"; it must be sunday, monday, tuesday, wednesday, thursday, friday or "
                     "saturday");
}

}  // namespace

RetentionPolicy read_keep_rules(const Environment& read, const std::string& prefix) {
  RetentionPolicy policy;
  policy.last = count(read, prefix + "LAST").value_or(0);
  policy.hourly = count(read, prefix + "HOURLY").value_or(0);
  policy.daily = count(read, prefix + "DAILY").value_or(0);
  policy.weekly = count(read, prefix + "WEEKLY").value_or(0);
  policy.monthly = count(read, prefix + "MONTHLY").value_or(0);
  policy.yearly = count(read, prefix + "YEARLY").value_or(0);
  if (const auto text = read(prefix + "WITHIN")) {
    policy.within = setting_duration(prefix + "WITHIN", *text);
  }
  if (const auto text = read(prefix + "WEEKLY_ON")) {
    policy.weekly_on = day(prefix + "WEEKLY_ON", *text);
  }
  return policy;
}

RetentionPolicy read_retention(const Environment& read) {
  const std::string daily = "BACKUP_RETENTION_DAILY";
  const std::string weekly = "BACKUP_RETENTION_WEEKLY";
  const bool geolens = read(daily) || read(weekly);
  auto policy = read_keep_rules(read, "COFFERDAM_KEEP_");
  policy.daily = count(read, "COFFERDAM_KEEP_DAILY", daily, geolens ? kGeoLensDaily : 0);
  policy.weekly = count(read, "COFFERDAM_KEEP_WEEKLY", weekly, geolens ? kGeoLensWeekly : 0);
  if (geolens && !policy.weekly_on) {
    policy.weekly_on = std::chrono::Sunday;
  }
  return policy;
}

const std::vector<std::string>& retention_settings() {
  static const std::vector<std::string> settings = {
      "retention.last",      "retention.hourly",  "retention.daily",  "retention.weekly",
      "retention.weekly-on", "retention.monthly", "retention.yearly", "retention.within"};
  return settings;
}

void take_retention(const PolicySetting& setting, RetentionPolicy& policy) {
  const std::map<std::string, int RetentionPolicy::*> counts = {
      {"retention.last", &RetentionPolicy::last},
      {"retention.hourly", &RetentionPolicy::hourly},
      {"retention.daily", &RetentionPolicy::daily},
      {"retention.weekly", &RetentionPolicy::weekly},
      {"retention.monthly", &RetentionPolicy::monthly},
      {"retention.yearly", &RetentionPolicy::yearly}};
  const auto name = setting.place + ": " + setting.name;
  if (const auto count = counts.find(setting.name); count != counts.end()) {
    policy.*count->second = setting_number(name, setting.value, 0, kMost);
  } else if (setting.name == "retention.within") {
    policy.within = setting_duration(name, setting.value);
  } else {
    policy.weekly_on = day(name, setting.value);
  }
}

}  // namespace controller
