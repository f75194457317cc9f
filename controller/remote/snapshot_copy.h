// A snapshot becomes objects in a bucket.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "controller/remote/copy_notes.h"
#include "controller/remote/object_store.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// A bucket, and where in it.
struct CopyTarget {
  ObjectStore& objects;
  std::string prefix;
  std::uint64_t part_bytes = std::uint64_t{16} << 20U;  // files above this are put in parts
};

struct CopyOutcome {
  enum class Kind { Copied, WasThere, Gone };  // Gone: from here, before it was copied

  std::string snapshot;
  Kind kind = Kind::Copied;
  std::uint64_t bytes = 0;  // of the whole snapshot

  friend bool operator==(const CopyOutcome&, const CopyOutcome&) = default;
};

/// Told a snapshot, the bytes of it that are there, and all of its bytes.
using CopyProgress =
    std::function<void(const std::string& snapshot, std::uint64_t bytes, std::uint64_t total)>;

/// Puts every file of the snapshot, manifest.json last: without it there is no copy; then notes
/// that this store made it.  Files that are there already, as FileUpload knows them, are not sent
/// again.  Notes that the copy is owed before anything else, and that it is not any more at the
/// end; whatever is thrown in between, the next call goes on. Throws NoSuchSnapshot, FormatError,
/// IntegrityError, RemoteError and its kinds.  Call with the copy lock.
CopyOutcome copy_snapshot(SnapshotStore& store, const std::string& name, const CopyTarget& target,
                          const CopyNotes& notes, const CopyProgress& progress);

/// Notes that a copy is owed, unless that is known.
void owe_copy(const CopyNotes& notes, const std::string& name);

/// Told how each of several copies goes.
struct CopyTellers {
  CopyProgress progress;
  std::function<void(const CopyOutcome&)> done;
  std::function<void(const std::string& snapshot, const std::exception& failure)> failed;
};

/// Copies what is owed, longest first, telling of each.  One that fails stays owed and does not
/// keep the others; returns what the first that failed threw, null if none did.  Throws Interrupted
/// and DestinationUnreachable, which end it: the rest stays owed.  Call with the copy lock.
std::exception_ptr settle_copies(SnapshotStore& store, const CopyTarget& target,
                                 const CopyNotes& notes, const CopyTellers& tell);

/// Held by whoever copies to that destination.  Throws StoreLocked.
std::unique_ptr<StoreLock> lock_copies(const CopyNotes& notes, const std::string& purpose);

}  // namespace controller
