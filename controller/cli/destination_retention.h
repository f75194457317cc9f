// What is kept at destinations for copies.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "controller/cli/settings.h"

namespace controller {

/// Rules by the destination's name: COFFERDAM_S3_KEEP_… are those of "s3", `retention:` is said in
/// the file.  One without rules is left out: its copies end by rules of the bucket, as GeoLens's
/// do, whose BACKUP_RETENTION_… speak of what is kept locally.  Throws SettingError.
std::map<std::string, RetentionPolicy> read_destination_retention(const Environment& environment,
                                                                  std::string_view config_yaml);

}  // namespace controller
