#include <sys/statvfs.h>

#include <algorithm>
#include <system_error>

#include "controller/archive/system_call.h"
#include "controller/clock.h"
#include "controller/snapshot/directory_draft.h"
#include "controller/snapshot/listing_notes.h"
#include "controller/snapshot/manifest_file.h"
#include "controller/snapshot/manifest_head.h"
#include "controller/snapshot/pin_files.h"
#include "controller/snapshot/report_files.h"
#include "controller/snapshot/snapshot_listing.h"
#include "controller/snapshot/snapshot_store.h"
#include "controller/snapshot/store_files.h"
#include "controller/snapshot/store_lock.h"
#include "controller/snapshot/trash_files.h"

namespace controller {
namespace {

constexpr std::uint64_t kHeadBytes = 8U << 10U;

class DirectoryStore : public SnapshotStore {
 public:
  explicit DirectoryStore(std::filesystem::path root) : root_(std::move(root)) {}

  std::unique_ptr<SnapshotDraft> begin(const std::string& name) override;
  std::vector<SnapshotEntry> list() override;
  std::vector<SnapshotEntry> list_anew() override;
  std::optional<Manifest> last_success(const std::string& project) override;
  Manifest manifest(const std::string& name) override;
  std::filesystem::path directory(const std::string& name) override;
  void add_report(const CheckReport& report) override;
  ReportChain reports(const std::string& name) override;
  void pin(const std::string& name) override;
  void unpin(const std::string& name) override;
  bool pinned(const std::string& name) override;
  void remove(const std::string& name) override;
  void discard(const std::string& name, std::chrono::sys_seconds at) override;
  std::vector<DiscardedSnapshot> discarded() override;
  std::vector<DiscardedSnapshot> purge(std::chrono::sys_seconds until) override;
  std::vector<std::string> sweep() override;
  std::unique_ptr<StoreLock> lock(const std::string& purpose) override;
  std::uint64_t free_bytes() override;

 private:
  /// Absent if the snapshot is corrupt.
  [[nodiscard]] std::optional<Manifest> whole(const FileDescriptor& root,
                                              const std::string& name) const;
  [[nodiscard]] std::optional<ManifestHead> head_of(const FileDescriptor& root,
                                                    const std::string& name) const;

  std::filesystem::path root_;
};

std::unique_ptr<SnapshotDraft> DirectoryStore::begin(const std::string& name) {
  if (!valid_snapshot_name(name)) {
    throw std::invalid_argument("\"" + name +
                                "\" cannot name a snapshot: use 1-128 letters, digits, '.', '-' "
                                "and '_', not starting with '.' or '-'");
  }
  return begin_draft(root_, name);
}

std::optional<ManifestHead> DirectoryStore::head_of(const FileDescriptor& root,
                                                    const std::string& name) const {
  const auto path = root_ / name / "manifest.json";
  try {
    return manifest_head_from(
        read_start(open_file_below(root, name + "/manifest.json", path), kHeadBytes, path));
  } catch (const std::system_error&) {
    return std::nullopt;  // no snapshot, or a corrupt one: a listing says so
  }
}

std::vector<SnapshotEntry> DirectoryStore::list() {
  return list_snapshots(root_, read_listing_notes(root_), SystemClock());
}

std::vector<SnapshotEntry> DirectoryStore::list_anew() {
  return list_snapshots(root_, {}, SystemClock());
}

std::optional<Manifest> DirectoryStore::last_success(const std::string& project) {
  const auto root = open_directory(root_);
  std::vector<std::pair<std::string, std::string>> candidates;  // time, name
  for (const auto& name : names_in(root, root_)) {
    const auto head = valid_snapshot_name(name) ? head_of(root, name) : std::nullopt;
    if (head && head->project == project && head->status == to_string(Status::Success)) {
      candidates.emplace_back(head->created_at, name);
    }
  }
  std::ranges::sort(candidates, std::ranges::greater());
  for (const auto& [time, name] : candidates) {
    if (auto found = whole(root, name)) {
      return found;
    }
  }
  return std::nullopt;
}

std::optional<Manifest> DirectoryStore::whole(const FileDescriptor& root,
                                              const std::string& name) const {
  const auto path = root_ / name;
  try {
    const auto snapshot = open_directory_in(root, name, path);
    auto manifest = read_manifest(snapshot, name, path);
    check_sizes(snapshot, manifest, path);
    return manifest;
  } catch (const FormatError&) {
    return std::nullopt;  // corrupt: a listing says so
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

std::filesystem::path DirectoryStore::directory(const std::string& name) {
  auto path = root_ / name;
  if (!valid_snapshot_name(name) ||
      kind_of(open_directory(root_), name, path) != EntryKind::Directory) {
    throw NoSuchSnapshot("there is no snapshot \"" + name + "\" in " + root_.string());
  }
  return path;
}

Manifest DirectoryStore::manifest(const std::string& name) {
  const auto path = directory(name);
  try {
    return read_manifest(open_directory(path), name, path);
  } catch (const FormatError& error) {
    throw FormatError("snapshot " + name + " is corrupt: " + error.what());
  }
}

void DirectoryStore::add_report(const CheckReport& report) {
  const auto path = directory(report.snapshot);
  append_report(root_, report, manifest_digest(open_directory(path), path));
}

ReportChain DirectoryStore::reports(const std::string& name) {
  const auto path = directory(name);
  return read_reports(root_, name, manifest_digest(open_directory(path), path));
}

void DirectoryStore::pin(const std::string& name) {
  directory(name);  // throws if there is none
  write_pin(root_, name);
}

void DirectoryStore::unpin(const std::string& name) {
  directory(name);
  remove_pin(root_, name);
}

bool DirectoryStore::pinned(const std::string& name) {
  directory(name);
  return has_pin(root_, name);
}

void DirectoryStore::discard(const std::string& name, std::chrono::sys_seconds at) {
  directory(name);
  move_to_trash(root_, name, at);
  remove_reports(root_, name);
  remove_pin(root_, name);
}

std::vector<DiscardedSnapshot> DirectoryStore::discarded() {
  return trash_in(root_);
}

std::vector<DiscardedSnapshot> DirectoryStore::purge(std::chrono::sys_seconds until) {
  std::vector<DiscardedSnapshot> over;
  for (const auto& one : trash_in(root_)) {
    if (one.discarded_at <= until) {
      remove_from_trash(root_, one);
      over.push_back(one);
    }
  }
  return over;
}

void DirectoryStore::remove(const std::string& name) {
  const auto path = directory(name);
  const auto root = open_directory(root_);
  const auto trash = trash_name(name);
  remove_tree(root, trash, root_ / trash);  // what a dead process left
  if (!rename_in(root, name, trash, path)) {
    throw std::system_error(EEXIST, std::generic_category(), "cannot rename " + path.string());
  }
  sync(root, root_);
  remove_tree(root, trash, root_ / trash);
  sync(root, root_);
  remove_reports(root_, name);
  remove_pin(root_, name);
}

std::vector<std::string> DirectoryStore::sweep() {
  const auto root = open_directory(root_);
  std::vector<std::string> removed;
  for (const auto& name : names_in(root, root_)) {
    const auto dot = name.rfind('.');
    const auto ours = dot == 0 ? std::string() : name.substr(1, dot - 1);
    if (!valid_snapshot_name(ours) || (name != partial_name(ours) && name != trash_name(ours)) ||
        kind_of(root, name, root_ / name) != EntryKind::Directory) {
      continue;
    }
    remove_tree(root, name, root_ / name);
    removed.push_back(name);
  }
  if (!removed.empty()) {
    sync(root, root_);
  }
  sweep_reports(root_);
  sweep_pins(root_);
  return removed;
}

std::unique_ptr<StoreLock> DirectoryStore::lock(const std::string& purpose) {
  return lock_store(root_, purpose);
}

std::uint64_t DirectoryStore::free_bytes() {
  struct statvfs status {};
  if (::statvfs(root_.c_str(), &status) != 0) {
    throw_errno("ask for the free space of", root_);
  }
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

/// Makes the directories that are missing, each synced into its parent.
void make_root(const std::filesystem::path& root) {
  if (root.empty() || std::filesystem::is_directory(root)) {
    return;
  }
  const auto parent = root.parent_path();
  make_root(parent);
  make_directory(root);
  const auto above = parent.empty() ? std::filesystem::path(".") : parent;
  sync(open_directory(above), above);
}

}  // namespace

std::unique_ptr<SnapshotStore> open_directory_store(const std::filesystem::path& root) {
  make_root(root);
  open_directory(root);  // throws now, not at the first use
  return std::make_unique<DirectoryStore>(root);
}

}  // namespace controller
