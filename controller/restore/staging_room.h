// Whether there is room for what a restore stages.
#pragma once

#include <vector>

#include "controller/restore/volume_restore.h"

namespace controller {

/// Throws NoSpace with the numbers if what the plan stages does not fit on one of the file systems
/// it is staged on.
void check_room(const RestorePlan& plan, const std::vector<StagingRoom>& rooms);

/// Throws RestoreRefusal if a volume that is not the project's own, and that the snapshot does not
/// replace in place of itself, holds something.
void check_emptiness(const RestorePlan& plan, const std::vector<StagingRoom>& rooms);

/// A line for each volume: what is staged against what is free.
std::string to_text(const RestorePlan& plan, const std::vector<StagingRoom>& rooms);

}  // namespace controller
