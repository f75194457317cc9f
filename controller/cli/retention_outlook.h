// What retention would do now.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "controller/cli/settings.h"
#include "controller/outage/journal.h"
#include "controller/retention/retention_plan.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// The plan that `prune` would execute, of the snapshots `entries`.  Throws SettingError.
RetentionPlan retention_outlook(const Settings& settings, const std::string& project,
                                const std::vector<SnapshotEntry>& entries, Journal& journal);

/// Why `prune` would refuse to drop what the plan drops: "clock", "failed-run" or "consent"; empty:
/// it would not, or there is nothing to drop.
std::string retention_block(const RetentionPlan& plan);

/// All that it may be.
std::vector<std::string> retention_blocks();

}  // namespace controller
