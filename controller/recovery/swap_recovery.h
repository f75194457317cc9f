// A restore that died between its first swap and its end.
#pragma once

#include "controller/capture/setting.h"
#include "controller/recovery/replay.h"

namespace controller {

/// Before the job's commit: volumes and databases that were swapped go back, staged ones are
/// removed, volumes the job had created go too.  After it: what was replaced is removed.  Steps
/// that are done are settled. True if nothing is left to do.
bool recover_swaps(Setting& setting, const JobRecord& job, ReplayReport& report);

}  // namespace controller
