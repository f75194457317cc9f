// Hooks that a dead job owes.
#pragma once

#include "controller/capture/setting.h"
#include "controller/recovery/replay.h"

namespace controller {

/// Runs those that come after the job's work, then those of on-failure, unless its effect stands;
/// call it when the job's containers are back.  What ran is settled, also if it failed.  True if
/// nothing is left to do.
bool run_due_hooks(Setting& setting, const JobRecord& job, ReplayReport& report);

}  // namespace controller
