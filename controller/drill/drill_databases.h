// The snapshot's databases, restored into a drill's servers.
#pragma once

#include <vector>

#include "controller/capture/setting.h"
#include "controller/drill/boot.h"
#include "controller/drill/drill_plan.h"
#include "controller/drill/drill_site.h"
#include "controller/snapshot/check_report.h"

namespace controller {

/// Brings the database servers up on their empty volumes, restores every database into them and
/// compares it with the manifest, row for row and hash for hash, before anybody else is started.
/// Stops at the first that is not as recorded.  Throws dockerapi::Error, Interrupted.
std::vector<CheckedItem> restore_databases(Setting& setting, const DrillSite& site,
                                           const DrillPlan& plan, Boot& boot);

}  // namespace controller
