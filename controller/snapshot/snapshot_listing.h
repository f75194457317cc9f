// Which snapshots a directory store has.
#pragma once

#include <filesystem>
#include <vector>

#include "controller/clock.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// As SnapshotStore::list().  Where there are many it leaves notes in the store, by which the next
/// one need not read the manifests that have not changed.
std::vector<SnapshotEntry> list_snapshots(const std::filesystem::path& root, const Clock& clock);

}  // namespace controller
