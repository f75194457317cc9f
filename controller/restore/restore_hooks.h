// The operator's commands around a restore or an undo.
#pragma once

#include <vector>

#include "controller/plan/planned_hook.h"
#include "controller/restore/restore_plan.h"

namespace controller {

/// Those before it, after it, and on its failure, in the order in which they run.  SQL runs in the
/// databases of its service that the plan replaces; where it replaces none there is none.
std::vector<PlannedHook> restore_hooks(const compose::Stack& stack, const Policy& policy,
                                       const RestorePlan& plan);

}  // namespace controller
