// What a restore reads: the stored files of a snapshot, or of the part that was asked for.
#pragma once

#include "controller/capture/setting.h"
#include "controller/restore/restore_plan.h"

namespace controller {

/// Reads every stored file that the plan needs to its end, and what is in it.  Throws
/// IntegrityError, which names each that is not what the manifest says; nothing was touched then.
void verify_source(Setting& setting, const Manifest& manifest, const RestorePlan& plan);

/// As above, for a restore whose staging reads the content in any case, and compares it with the
/// manifest: size and digest of every file, so that a corrupt snapshot is refused at once.
void check_source(Setting& setting, const Manifest& manifest, const RestorePlan& plan);

}  // namespace controller
