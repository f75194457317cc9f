// Whom to tell, by the environment and the config file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/cli/settings.h"
#include "controller/notify/notify_target.h"

namespace controller {

struct NotifySettings {
  std::vector<NotifyTarget> targets;       // no two of one name
  std::vector<std::string> allowed_hosts;  // COFFERDAM_NOTIFY_ALLOW
};

/// COFFERDAM_NOTIFY first, URLs with spaces or line ends between them, then the file's
/// `notifications:`.  Throws SettingError that names what is wrong and where, and never a URL.
NotifySettings read_notify_settings(const Environment& environment, std::string_view config_yaml);

/// Those of this process and its config file.  Throws SettingError.
NotifySettings notify_settings_of(const Settings& settings);

}  // namespace controller
