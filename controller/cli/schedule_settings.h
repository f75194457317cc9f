// Which schedules there are: COFFERDAM_SCHEDULE and the config file's `schedules:`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/cli/settings.h"
#include "controller/plan/policy_file.h"
#include "controller/retention/retention_plan.h"
#include "controller/schedule/due.h"

namespace controller {

/// A schedule and what it captures.
struct ScheduledCapture {
  Schedule schedule;
  std::vector<std::string> services;         // empty: everything that is flagged
  std::optional<RetentionPolicy> retention;  // of its own
};

/// `entries`: what the file says, a line for each setting of each schedule.  `project` shifts the
/// jitter.  The schedule of the environment is named "default"; the usual one is where nobody said
/// any.  Throws SettingError that names the
/// place: a cron expression, zone or value that cannot be meant, an unknown setting, a name that is
/// used twice.
std::vector<ScheduledCapture> read_schedules(
    const Settings& settings, const std::vector<std::pair<std::string, PolicySetting>>& entries,
    const std::string& project);

/// What is kept: a schedule that captures only some services or has rules of its own is counted for
/// itself, by these or by the usual ones.
RetentionPolicies retention_of(const Settings& settings,
                               const std::vector<ScheduledCapture>& captures);

/// Whether anything may ever be dropped.
bool has_rules(const RetentionPolicies& policies);

/// Those of these settings and their config file.  Throws SettingError.
std::vector<ScheduledCapture> schedules_of(const Settings& settings, const std::string& project);

}  // namespace controller
