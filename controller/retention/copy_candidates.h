// A destination's listing as retention sees it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/remote/remote_snapshots.h"
#include "controller/retention/retention_plan.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// What is known here about snapshots that may be at a destination.
struct KnownHere {
  std::string project;
  std::vector<SnapshotEntry> snapshots;       // the store's listing
  std::set<std::string> made;                 // folders of the copies that this store made
  std::map<std::string, std::string> in_use;  // snapshot -> by what
};

/// "NAME/ID", as `fetch` takes it.
std::string copy_name(const RemoteSnapshot& copy);

/// The whole copies that this store made of the project's snapshots, by copy_name().  What others
/// made is neither counted nor touched, nor is what cannot be read.  Checks and pins are those of
/// the same snapshot in the store, if it is there still.  That a file went bad in the store says
/// nothing about the copy, which was compared with the manifest when it was made.
std::vector<RetentionCandidate> copy_candidates(const std::vector<RemoteSnapshot>& copies,
                                                const KnownHere& known);

}  // namespace controller
