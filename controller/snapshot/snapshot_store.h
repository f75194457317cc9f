// Where snapshots live.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "controller/snapshot/check_report.h"
#include "controller/snapshot/manifest.h"
#include "controller/snapshot/snapshot_summary.h"

namespace controller {

/// There is no snapshot of that name.
class NoSuchSnapshot : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The name is taken.
class SnapshotExists : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Somebody else works in the store; the text says who, since when, and what to do.
class StoreLocked : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// True for 1-128 letters, digits, '.', '-' and '_', not starting with '.' or '-'.
bool valid_snapshot_name(std::string_view name);

/// "20261120T020000Z"
std::string snapshot_name_of(std::chrono::sys_seconds time);

/// One line of a listing.  Without a summary the snapshot is corrupt, and `problem` says why.
struct SnapshotEntry {
  std::string name;
  std::optional<SnapshotSummary> summary;
  std::string problem;
  std::uint64_t bytes = 0;  // on disk, for corrupt ones too
  CheckStanding checked = {};
  bool pinned = false;
  std::string digest = {};      // SHA-256 of manifest.json; of one without a summary: of whatever
  std::string changed_at = {};  // of one without a manifest: when its folder was; RFC 3339 UTC
};

/// One that is out of sight and not removed yet.
struct DiscardedSnapshot {
  std::string name;
  std::chrono::sys_seconds discarded_at;

  friend bool operator==(const DiscardedSnapshot&, const DiscardedSnapshot&) = default;
};

/// A snapshot that is being written: a directory that no listing shows.
///
/// Destroyed without commit(), it removes what was written.
class SnapshotDraft {
 public:
  virtual ~SnapshotDraft() = default;

  /// Where artifacts go, as a path of this process.
  [[nodiscard]] virtual std::filesystem::path directory() const = 0;

  /// Writes `text` as a synced file below the directory, making its folders.
  virtual Artifact add_text(const std::string& path, std::string_view text) = 0;

  /// Makes a folder below the directory.
  virtual void make_folder(const std::string& path) = 0;

  /// Checks that every artifact of the manifest is there with its size, writes RECOVERY.txt and,
  /// last, the manifest; syncs every file and folder; renames the draft to its name.  That rename
  /// is the commit point.  Throws if anything is not so; then the draft is not a snapshot.
  virtual void commit(const Manifest& manifest) = 0;

  /// The same for a snapshot that was made elsewhere: every file of `manifest_json` must be there
  /// with its digest, RECOVERY.txt too, and the text becomes manifest.json byte for byte.  Throws
  /// FormatError, IntegrityError.
  virtual void commit_as(const std::string& manifest_json) = 0;
};

/// Held while a job works in the store, whichever process or container it runs in.
class StoreLock {
 public:
  virtual ~StoreLock() = default;
};

/// Finished snapshots are never modified, only removed.
class SnapshotStore {
 public:
  virtual ~SnapshotStore() = default;

  /// Throws SnapshotExists, std::invalid_argument for a bad name.
  virtual std::unique_ptr<SnapshotDraft> begin(const std::string& name) = 0;

  /// Oldest first by creation time, corrupt ones too; drafts are not shown.  A store that cannot be
  /// read throws: a listing that failed is never an empty one.
  /// Of a manifest that was good before and was not written to since, it may tell what it said
  /// then.
  virtual std::vector<SnapshotEntry> list() = 0;

  /// As list(), but every manifest is read now: for those who remove something on its word.
  virtual std::vector<SnapshotEntry> list_anew() = 0;

  /// The newest snapshot of the project, by creation time, that is a success and not corrupt;
  /// absent: there is none.  Cheaper than list(): of the others only the first lines are read.
  virtual std::optional<Manifest> last_success(const std::string& project) = 0;

  /// Throws NoSuchSnapshot, FormatError if the snapshot is corrupt.
  virtual Manifest manifest(const std::string& name) = 0;

  /// Where the snapshot's files are, as a path of this process.  Throws NoSuchSnapshot.
  virtual std::filesystem::path directory(const std::string& name) = 0;

  /// Adds a report about the snapshot it names, corrupt or not; on the disk when the call returns.
  /// Needs no lock.  Throws NoSuchSnapshot.
  virtual void add_report(const CheckReport& report) = 0;

  /// What was checked so far.  Throws NoSuchSnapshot.
  virtual ReportChain reports(const std::string& name) = 0;

  /// A pinned snapshot is never discarded by a rule.  On the disk when the call returns; doing it
  /// twice is no error.  Needs no lock.  Throws NoSuchSnapshot.
  virtual void pin(const std::string& name) = 0;
  virtual void unpin(const std::string& name) = 0;
  virtual bool pinned(const std::string& name) = 0;

  /// Renames the snapshot out of sight, then removes it, corrupt or not, and its reports and its
  /// pin with it.  Throws NoSuchSnapshot.
  virtual void remove(const std::string& name) = 0;

  /// Puts the snapshot out of sight in one step; its name is free again.  Its reports and its pin
  /// are removed.  Throws NoSuchSnapshot.  Call only with the lock.
  virtual void discard(const std::string& name, std::chrono::sys_seconds at) = 0;

  /// What was discarded and is not removed yet, longest ago first.
  virtual std::vector<DiscardedSnapshot> discarded() = 0;

  /// Removes for good what was discarded at that time or before.  Returns it.  Call only with the
  /// lock.
  virtual std::vector<DiscardedSnapshot> purge(std::chrono::sys_seconds until) = 0;

  /// Removes drafts and half-removed snapshots that a dead process left, and reports and pins of
  /// snapshots that are not there.  Call only with the lock.
  /// Returns the drafts and snapshots that were removed.
  virtual std::vector<std::string> sweep() = 0;

  /// Throws StoreLocked.  `purpose` is told to others who try: "create 20261120T020000Z".
  virtual std::unique_ptr<StoreLock> lock(const std::string& purpose) = 0;

  /// Bytes an ordinary file may still take in the store.
  virtual std::uint64_t free_bytes() = 0;
};

/// The store as a directory of readable files (format: docs/snapshot-format.md).  It is created if
/// missing.
std::unique_ptr<SnapshotStore> open_directory_store(const std::filesystem::path& root);

}  // namespace controller
