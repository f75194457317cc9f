// Which destinations for copies there are, by the environment and the config file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/cli/settings.h"
#include "controller/remote/destination.h"

namespace controller {

/// The one of the environment first, "s3": COFFERDAM_S3_… or, if BACKUP_S3_ENABLED is true, S3_…;
/// then those of the file, by name.  Throws SettingError that names what is missing or impossible,
/// and never a value of a key.
std::vector<Destination> read_destinations(const Environment& environment,
                                           std::string_view config_yaml);

/// The one of that name; empty: the only one, or else the first.  Throws SettingError: none is set
/// up.  Throws std::invalid_argument: none has that name.
Destination choose_destination(const std::vector<Destination>& destinations,
                               const std::string& name);

}  // namespace controller
