// Small real snapshots for tests of stores.
#pragma once

#include <string>

#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// Writes a definition file and says so in a manifest, which is not committed yet.
Manifest write_files(SnapshotDraft& draft, const std::string& name, const std::string& created_at);

/// Begins, writes and commits.
Manifest write_snapshot(SnapshotStore& store, const std::string& name,
                        const std::string& created_at = "2026-11-20T02:00:00Z");

/// A report about `snapshot`, as of one that was verified.
CheckReport verify_report(const std::string& snapshot, bool passed);

/// The names of a listing; corrupt ones with a '!' before them.
std::vector<std::string> listed(SnapshotStore& store);

}  // namespace controller
