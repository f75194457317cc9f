// A real snapshot with a volume, a database's dump, roles and a definition.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "controller/snapshot/snapshot_store.h"
#include "controller/snapshot/verification.h"

namespace controller {

/// Writes the snapshot "full": `tree` archived as a volume named `volume`, of a project of that
/// name too.
Manifest write_full_snapshot(SnapshotStore& store, const std::filesystem::path& tree,
                             const std::string& volume);

/// Stands in for a database's own: reads a dump of write_full_snapshot() through.
std::vector<Finding> read_example_dump(const DatabaseRecord& record,
                                       const std::filesystem::path& file);

}  // namespace controller
