// A hook in the journal.
#pragma once

#include "controller/outage/journal.h"
#include "controller/plan/planned_hook.h"

namespace controller {

/// The intent to run `hook`, complete: whoever starts next can run it without the plan.
Step step_of(const PlannedHook& hook);

/// Throws JournalError if the step holds no hook that this version understands.
PlannedHook hook_of(const Step& step);

}  // namespace controller
