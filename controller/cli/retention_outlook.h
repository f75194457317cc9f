// What retention would do now.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "controller/cli/settings.h"
#include "controller/outage/journal.h"
#include "controller/retention/retention_plan.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// What the store knows that matters for what is kept, as of one moment.
struct StoreStanding {
  std::string project;
  std::vector<SnapshotEntry> snapshots;
  std::map<std::string, std::string> in_use;  // by whom
  RetentionPolicies policies;
  RetentionMoment moment;
};

/// Of the snapshots `entries`, now.  Throws SettingError.
StoreStanding standing_of(const Settings& settings, const std::string& project,
                          std::vector<SnapshotEntry> entries, Journal& journal);

/// The plan that `prune` would execute.
RetentionPlan plan_of(const StoreStanding& standing);

/// Why `prune` would refuse to drop what the plan drops: "clock", "failed-run" or "consent"; empty:
/// it would not, or there is nothing to drop.
std::string retention_block(const RetentionPlan& plan);

/// All that it may be.
std::vector<std::string> retention_blocks();

}  // namespace controller
