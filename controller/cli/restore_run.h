// What restores and undos have in common on the command line.
#pragma once

#include "controller/cli/settings.h"
#include "controller/cli/workplace.h"
#include "controller/restore/restore.h"
#include "controller/restore/restore_plan.h"

namespace controller {

/// After a failed restore: what could not be undone on the way out is undone now, or by `serve`
/// later.  Tells what was done.
void clear_up(Workplace& place, Reporter& reporter);

/// Throws Refusal unless this is the plan that was shown, by its hash; empty: none was.
void check_plan(const std::string& shown, const RestorePlan& plan);

RestoreOptions restore_options(const Settings& settings);

}  // namespace controller
