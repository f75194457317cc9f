// A store's listing as retention sees it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/retention/retention_plan.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// Those of `project`, and corrupt ones, which no longer say whose they are.  `in_use`: snapshot ->
/// by what.  One whose time cannot be read is in use by that.
std::vector<RetentionCandidate> retention_candidates(
    const std::vector<SnapshotEntry>& entries, const std::string& project,
    const std::map<std::string, std::string>& in_use);

}  // namespace controller
