// What the environment says about retention.
#pragma once

#include "controller/cli/settings.h"

namespace controller {

/// COFFERDAM_KEEP_LAST, _HOURLY, _DAILY, _WEEKLY, _WEEKLY_ON, _MONTHLY, _YEARLY and _WITHIN.
/// BACKUP_RETENTION_DAILY and BACKUP_RETENTION_WEEKLY mean what they do for GeoLens: of the two the
/// one that is missing has its default there, weeks are their Sundays.  Nothing set: no rule.
/// Throws SettingError: an impossible value, both names of one setting.
RetentionPolicy read_retention(const Environment& read);

}  // namespace controller
