// Executing a retention plan at a destination.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "controller/remote/copy_notes.h"
#include "controller/remote/remote_snapshots.h"
#include "controller/remote/snapshot_copy.h"
#include "controller/retention/retention_plan.h"

namespace controller {

/// What became of a plan.
struct CopyPruneOutcome {
  std::vector<std::string> removed;                           // NAME/ID, for good
  std::vector<std::pair<std::string, std::string>> withheld;  // NAME/ID and what the storage said
};

/// Goes on with removals that were begun, and aborts uploads that were begun for snapshots the
/// store does not have any more.  A copy that is owed, or whose manifest is there still, is left to
/// the next plan.  Throws DestinationUnreachable and what the notes throw.  Call with the copy
/// lock.
CopyPruneOutcome finish_pruning(ObjectStore& objects, const CopyNotes& notes, SnapshotStore& store);

/// Removes the copies that the plan drops, oldest first, but for those whose snapshot was pinned
/// since the plan was made, which is asked before each: manifest.json before the other files, so
/// that what is left of a removal that died is no copy, and nothing but the files that the manifest
/// names.  `copies` is the listing that the plan was made of.  One that the storage does not let go
/// is told, and does not keep the others.  Throws RemoteError, with nothing removed, if a copy that
/// this store made is there and not in that listing; DestinationUnreachable, and what the notes
/// throw. Call with the copy lock, under which the plan was made.
CopyPruneOutcome prune_copies(const CopyTarget& target, const CopyNotes& notes,
                              const std::vector<RemoteSnapshot>& copies, const RetentionPlan& plan,
                              const std::function<bool(const std::string& snapshot)>& pinned_since);

}  // namespace controller
