// Copies of snapshots, as parts of other commands.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/cli/commands.h"
#include "controller/remote/destination.h"
#include "controller/reporter.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// Destinations that every new snapshot is copied to.  Throws SettingError.
std::vector<Destination> uploading_destinations(const Settings& settings);

/// Snapshots that some of those have not been copied to yet, and what is said of that: "its copy to
/// s3 is owed since 2026-11-20T02:00:00Z".
std::map<std::string, std::string> owed_copies(const Settings& settings);

/// Notes that the new snapshot is owed to each, so that it is not forgotten or pruned while others
/// get it.  Call before anybody else may work in the store.
void owe_copies(const Settings& settings, const std::vector<Destination>& destinations,
                const std::string& name);

/// Copies the new snapshot, and what else is owed, to each; prints how it went.  A copy that fails
/// stays owed and changes nothing here: false then, as where one that was owed is gone.  Throws
/// Interrupted.
bool copy_new_snapshot(const CommandContext& context, const std::vector<Destination>& destinations,
                       SnapshotStore& store, Reporter& reporter, const std::string& name);

/// The named snapshot ("NAME" or "NAME/ID") comes into the store unless it is there already.
/// Returns its name.  Call with the store's lock.
std::string bring_from(const CommandContext& context, const std::string& destination,
                       SnapshotStore& store, Reporter& reporter, const std::string& name);

}  // namespace controller
