// Which snapshots a directory store has.
#pragma once

#include <filesystem>
#include <vector>

#include "controller/clock.h"
#include "controller/snapshot/listing_notes.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// As SnapshotStore::list().  Where `notes` speak of a manifest that has not changed since, it is
/// not read.  Where there are many that they do not speak of, it leaves new ones in the store.
std::vector<SnapshotEntry> list_snapshots(const std::filesystem::path& root, ListingNotes notes,
                                          const Clock& clock);

}  // namespace controller
