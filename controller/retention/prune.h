// Executing a retention plan.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "controller/retention/retention_plan.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// What became of a plan.
struct PruneOutcome {
  std::vector<std::string> dropped;        // out of sight now
  std::vector<std::string> gone;           // those that somebody else had removed meanwhile
  std::vector<DiscardedSnapshot> removed;  // for good: their grace was over

  friend bool operator==(const PruneOutcome&, const PruneOutcome&) = default;
};

/// Discards what the plan drops, oldest first, unless it was pinned since the plan was made: people
/// may have thought about that for a while.  Then purges what was discarded before `now - grace`.
/// Call with the store's lock, under which the plan was made.  Repeating it is harmless.
PruneOutcome prune(SnapshotStore& store, const RetentionPlan& plan, std::chrono::sys_seconds now,
                   std::chrono::seconds grace);

}  // namespace controller
