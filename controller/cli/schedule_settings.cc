#include "controller/cli/schedule_settings.h"

#include <algorithm>
#include <map>

#include "controller/archive/sha256.h"
#include "controller/cli/retention_settings.h"
#include "controller/cli/setting_values.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

namespace {

using Values = std::map<std::string, PolicySetting>;

constexpr const char* kEnvironmentName = "default";
// A snapshot is named <schedule>-20261120T020000Z.
constexpr std::size_t kLongestName = 64;

[[noreturn]] void refuse(const PolicySetting& setting, const std::string& problem) {
  throw SettingError(setting.place + ": " + setting.name + ": " + problem);
}

CronExpression cron_of(const PolicySetting& setting) {
  try {
    return parse_cron(setting.value);
  } catch (const CronError& error) {
    refuse(setting, error.what());
  }
}

TimeZone zone_of(const PolicySetting& setting) {
  try {
    return TimeZone(setting.value);
  } catch (const UnknownTimeZone& error) {
    refuse(setting, error.what());
  }
}

/// "always", "never", or a longest age.
std::chrono::seconds missed_of(const PolicySetting& setting) {
  if (setting.value == "always") {
    return std::chrono::seconds::max();
  }
  if (setting.value == "never") {
    return std::chrono::seconds{0};
  }
  return setting_duration(setting.place + ": missed", setting.value);
}

Overlap overlap_of(const PolicySetting& setting) {
  if (setting.value == "skip") {
    return Overlap::Skip;
  }
  if (setting.value == "queue") {
    return Overlap::Queue;
  }
  refuse(setting, "\"" + setting.value + "\" should be skip or queue");
}

/// From nothing to all of `most`, always the same for a schedule of a project.
std::chrono::seconds shift(const std::string& project, const std::string& schedule,
                           std::chrono::seconds most) {
  Sha256 digest;
  digest.add(project + "\n" + schedule);
  const auto number = std::stoull(digest.hex().substr(0, 8), nullptr, 16);
  return std::chrono::seconds(number % static_cast<std::uint64_t>(most.count() + 1));
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

void check_setting(const PolicySetting& setting) {
  static const std::vector<std::string> known = [] {
    std::vector<std::string> names = {"cron",   "time-zone", "services",
                                      "missed", "overlap",   "jitter"};
    names.insert(names.end(), retention_settings().begin(), retention_settings().end());
    return names;
  }();
  if (setting.name == "retention") {
    refuse(setting, "it should map rules to numbers: {daily: 7, weekly: 4}");
  }
  if (std::ranges::find(known, setting.name) == known.end()) {
    refuse(setting, "there is no such setting of a schedule" + did_you_mean(setting.name, known));
  }
}

std::optional<RetentionPolicy> retention_in(const Values& values) {
  std::optional<RetentionPolicy> policy;
  for (const auto& name : retention_settings()) {
    if (const auto setting = values.find(name); setting != values.end()) {
      take_retention(setting->second, policy ? *policy : policy.emplace());
    }
  }
  return policy;
}

ScheduledCapture read_schedule(const std::string& name, const Values& values,
                               const std::string& usual_zone, const std::string& project) {
  const auto& [first, any] = *values.begin();
  if (!valid_snapshot_name(name) || name.size() > kLongestName) {
    throw SettingError(any.place + ": schedule \"" + name +
                       "\": its name should be up to 64 letters, digits, '.', '-' and '_', as its "
                       "snapshots are named after it");
  }
  const auto cron = values.find("cron");
  if (cron == values.end()) {
    throw SettingError(any.place + ": schedule " + name + " has no cron expression");
  }
  const auto zone = values.find("time-zone");
  ScheduledCapture one{{name, cron_of(cron->second),
                        zone_of(zone == values.end() ? PolicySetting{"time zone", usual_zone,
                                                                     "COFFERDAM_TIME_ZONE or TZ"}
                                                     : zone->second)},
                       {},
                       retention_in(values),
                       false};
  if (const auto missed = values.find("missed"); missed != values.end()) {
    one.schedule.make_up_within = missed_of(missed->second);
  }
  if (const auto overlap = values.find("overlap"); overlap != values.end()) {
    one.schedule.overlap = overlap_of(overlap->second);
  }
  if (const auto jitter = values.find("jitter"); jitter != values.end()) {
    one.schedule.delay = shift(
        project, name, setting_duration(jitter->second.place + ": jitter", jitter->second.value));
  }
  if (const auto services = values.find("services"); services != values.end()) {
    one.services = words_of(services->second.value);
  }
  return one;
}

void check_label(const PolicySetting& setting) {
  static const std::vector<std::string> known = {"cron", "time-zone", "missed", "overlap",
                                                 "jitter"};
  if (setting.name == "services" || setting.name.starts_with("retention")) {
    throw SettingError(setting.place +
                       ": only the config file says what a schedule captures and what is kept of "
                       "it, since a label goes with its container");
  }
  if (std::ranges::find(known, setting.name) == known.end()) {
    refuse(setting, "there is no such setting of a schedule" + did_you_mean(setting.name, known));
  }
}

Values values_of(const LabelledSchedule& label) {
  Values values;
  for (const auto& setting : label.settings) {
    check_label(setting);
    values.emplace(setting.name, setting);
  }
  return values;
}

/// Who says the schedules that are known, by their names.
using Owners = std::map<std::string, std::string>;

void refuse_unless_free(const std::string& place, const std::string& name, const Owners& owners) {
  if (const auto owner = owners.find(name); owner != owners.end()) {
    throw SettingError(place + ": the schedule " + name + " of " + owner->second +
                       " counts; give this one another name");
  }
}

void refuse_unless_free(const LabelledSchedule& label, const Owners& owners) {
  const auto& place = label.settings.front().place;
  if (label.name.empty()) {
    throw SettingError(place + ": it should be cofferdam.schedule.NAME");
  }
  refuse_unless_free(place, label.name, owners);
}

Values values_of(const MadeSchedule& made) {
  Values values;
  for (const auto& [name, value] : made.settings) {
    const PolicySetting setting{name, value, "schedule " + made.name};
    check_setting(setting);
    values.emplace(name, setting);
  }
  if (values.empty()) {
    throw SettingError("schedule " + made.name + " has no cron expression");
  }
  return values;
}

void add_made(const MadeSchedule& made, const Settings& settings, const std::string& project,
              Owners& owners, Timetable& table) {
  try {
    refuse_unless_free("schedule " + made.name, made.name, owners);
    auto capture = read_schedule(made.name, values_of(made), settings.time_zone, project);
    capture.made = true;
    table.captures.push_back(std::move(capture));
    owners[made.name] = "`schedule set`";
  } catch (const SettingError& error) {  // it would end the others as well
    const auto cron = made.settings.find("cron");
    table.refused.push_back(
        {made.name, cron == made.settings.end() ? "" : cron->second, error.what(), true});
  }
}

std::string cron_text(const LabelledSchedule& label) {
  const auto cron = std::ranges::find(label.settings, "cron", &PolicySetting::name);
  return cron == label.settings.end() ? std::string() : cron->value;
}

}  // namespace

std::vector<ScheduledCapture> read_schedules(const Settings& settings,
                                             const ScheduleEntries& entries,
                                             const std::string& project) {
  std::vector<std::string> order;
  std::map<std::string, Values> by_name;
  const auto take = [&](const std::string& name, const PolicySetting& setting) {
    check_setting(setting);
    if (!by_name.contains(name)) {
      order.push_back(name);
    }
    by_name[name].insert_or_assign(setting.name, setting);
  };
  for (const auto& [name, setting] : entries) {
    take(name, setting);
  }
  if (!settings.schedule.empty()) {
    if (by_name.contains(kEnvironmentName)) {
      throw SettingError(by_name[kEnvironmentName].begin()->second.place + ": the schedule of " +
                         settings.schedule_variable +
                         " is named default, too; give this one another name");
    }
    take(kEnvironmentName, {"cron", settings.schedule, settings.schedule_variable});
  } else if (order.empty() && !settings.usual_schedule.empty()) {
    take(kEnvironmentName, {"cron", settings.usual_schedule, "the default of BACKUP_SCHEDULE"});
  }
  std::vector<ScheduledCapture> schedules;
  schedules.reserve(order.size());
  for (const auto& name : order) {
    schedules.push_back(read_schedule(name, by_name[name], settings.time_zone, project));
  }
  return schedules;
}

Timetable read_timetable(const Settings& settings, const ScheduleEntries& entries,
                         const OtherSchedules& others, const std::string& project) {
  Timetable table{read_schedules(settings, entries, project), {}};
  Owners owners;
  for (const auto& capture : table.captures) {
    owners[capture.schedule.name] = "the settings or the config file";
  }
  for (const auto& made : others.made) {
    add_made(made, settings, project, owners, table);
  }
  for (const auto& label : others.labels) {
    try {
      refuse_unless_free(label, owners);
      const auto values = values_of(label);
      table.captures.push_back(read_schedule(label.name, values, settings.time_zone, project));
      owners[label.name] = "service " + label.service;
    } catch (const SettingError& error) {  // it would end the others as well
      table.refused.push_back({label.name, cron_text(label), error.what(), false});
    }
  }
  return table;
}

RetentionPolicies retention_of(const Settings& settings,
                               const std::vector<ScheduledCapture>& captures) {
  RetentionPolicies policies{settings.retention, {}};
  for (const auto& one : captures) {
    if (one.retention || !one.services.empty()) {
      policies.of_schedules.emplace(one.schedule.name, one.retention.value_or(settings.retention));
    }
  }
  return policies;
}

bool has_rules(const RetentionPolicies& policies) {
  return has_rules(policies.usual) ||
         std::ranges::any_of(policies.of_schedules,
                             [](const auto& one) { return has_rules(one.second); });
}

ScheduleEntries schedule_entries(const Settings& settings) {
  Complaints complaints;
  auto file = read_policy_file(config_text(settings.config), complaints);
  if (!complaints.empty()) {
    throw SettingError(complaints.front());
  }
  return std::move(file.schedules);
}

std::vector<ScheduledCapture> schedules_of(const Settings& settings, const std::string& project) {
  return read_timetable(settings, schedule_entries(settings),
                        {ScheduleBook(settings.state).made(project), {}}, project)
      .captures;
}

}  // namespace controller
