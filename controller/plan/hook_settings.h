// The settings cofferdam.hook.* of a service.
#pragma once

#include "controller/plan/settings.h"

namespace controller {

/// Takes `setting`, whose name begins with "hook.", over into `policy`, or complains and leaves it
/// as it was.
void apply_hook(const PolicySetting& setting, ServicePolicy& policy, Complaints& complaints);

/// Complains of what only all settings together show: a time-out without its command.
void check_hooks(const Policy& policy, Complaints& complaints);

}  // namespace controller
