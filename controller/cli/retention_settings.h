// What the environment and the schedules say about retention.
#pragma once

#include "controller/cli/settings.h"
#include "controller/plan/policy_file.h"

namespace controller {

/// `prefix` and LAST, HOURLY, DAILY, WEEKLY, WEEKLY_ON, MONTHLY, YEARLY and WITHIN.  Throws
/// SettingError: an impossible value.
RetentionPolicy read_keep_rules(const Environment& read, const std::string& prefix);

/// COFFERDAM_KEEP_LAST, _HOURLY, _DAILY, _WEEKLY, _WEEKLY_ON, _MONTHLY, _YEARLY and _WITHIN.
/// BACKUP_RETENTION_DAILY and BACKUP_RETENTION_WEEKLY mean what they do for GeoLens: of the two the
/// one that is missing has its default there, weeks are their Sundays.  Nothing set: no rule.
/// Throws SettingError: an impossible value, both names of one setting.
RetentionPolicy read_retention(const Environment& read);

/// Names of what a schedule may say of its retention: "retention.daily", ….
const std::vector<std::string>& retention_settings();

/// Takes one of them.  Throws SettingError that names the place.
void take_retention(const PolicySetting& setting, RetentionPolicy& policy);

}  // namespace controller
