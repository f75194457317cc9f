// The snapshot's volumes, put into a drill's.
#pragma once

#include <stop_token>
#include <vector>

#include "controller/capture/setting.h"
#include "controller/drill/drill_plan.h"
#include "controller/drill/drill_site.h"
#include "controller/snapshot/check_report.h"

namespace controller {

/// Extracts every volume of the snapshot into its stand-in, compares it with the manifest and walks
/// what lies there then.  One item for each volume, also for those that stay empty.  Throws NoSpace
/// before anything is written if volumes and databases will not fit, AgentError, Interrupted.
std::vector<CheckedItem> fill_volumes(Setting& setting, const DrillSite& site,
                                      const DrillPlan& plan, std::stop_token stop);

}  // namespace controller
