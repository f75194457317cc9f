// Objects in a bucket become a snapshot again.
#pragma once

#include <cstdint>
#include <functional>

#include "controller/remote/object_store.h"
#include "controller/remote/remote_snapshots.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// Fetches every file into a draft and publishes it: the very bytes that were copied, or nothing.
/// `snapshot` is a whole one.  `progress` is told the bytes so far.  Throws SnapshotExists,
/// NoSpace, IntegrityError if a file is not what the manifest says, FormatError, RemoteError and
/// its kinds. Call with the store's lock.
void fetch_snapshot(ObjectStore& objects, const RemoteSnapshot& snapshot, SnapshotStore& store,
                    const std::function<void(std::uint64_t)>& progress);

/// Whether the store has this very snapshot.
bool is_here(SnapshotStore& store, const RemoteSnapshot& snapshot);

}  // namespace controller
