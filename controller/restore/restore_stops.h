// Who goes down while a restore swaps.
#pragma once

#include "controller/restore/restore_plan.h"

namespace controller {

/// Adds to the plan, in order: everybody who has a volume of it open, readers too, since they would
/// go on seeing what was replaced, and the services that depend on a database of it.  Throws
/// RestoreRefusal if one of those volumes' users would not come back from a stop, is not the
/// project's own, or (but for `stop_running`) runs.
void plan_stops(const compose::Observation& seen, const compose::Stack& stack, bool stop_running,
                RestorePlan& plan);

}  // namespace controller
