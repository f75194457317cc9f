// What a restore reads: the stored files of a snapshot, or of the part that was asked for.
#pragma once

#include "controller/capture/setting.h"
#include "controller/restore/restore_plan.h"

namespace controller {

/// Reads every stored file that the plan needs to its end.  Throws IntegrityError, which names each
/// that is not what the manifest says; nothing was touched then.
void verify_source(Setting& setting, const Manifest& manifest, const RestorePlan& plan);

}  // namespace controller
