#include "controller/snapshot/snapshot_listing.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <system_error>
#include <utility>

#include "controller/clock.h"
#include "controller/snapshot/listing_notes.h"
#include "controller/snapshot/manifest_file.h"
#include "controller/snapshot/pin_files.h"
#include "controller/snapshot/report_files.h"
#include "controller/snapshot/store_files.h"

namespace controller {

namespace {

namespace fs = std::filesystem;

constexpr int kManyNew = 32;  // fewer are not worth a file
// A file that was changed just now may change again within one tick of its clock.
constexpr std::int64_t kSettled = 2'000'000'000;  // nanoseconds
constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * kSecond + time.tv_nsec;
}

/// Absent: there is no regular file.
std::optional<struct stat> status_of(const FileDescriptor& root, const std::string& path) {
  struct stat status {};
  if (::fstatat(root.fd(), path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
      !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  return status;
}

std::optional<FileStamp> stamp_of(const FileDescriptor& root, const std::string& path) {
  const auto status = status_of(root, path);
  if (!status) {
    return std::nullopt;
  }
  return FileStamp{status->st_dev, status->st_ino, static_cast<std::uint64_t>(status->st_size),
                   nanoseconds(status->st_mtim), nanoseconds(status->st_ctim)};
}

bool has_settled(const FileStamp& stamp, const Clock& clock) {
  const auto now =
      std::chrono::duration_cast<std::chrono::nanoseconds>(clock.now().time_since_epoch());
  return stamp.changed < now.count() - kSettled;
}

/// The time that a listing sorts by: of a snapshot without a manifest, when its folder was changed.
std::string time_of(const SnapshotEntry& entry, const fs::path& path) {
  if (entry.summary) {
    return entry.summary->created_at;
  }
  std::error_code gone;
  const auto changed = fs::last_write_time(path, gone);
  return gone ? "" : rfc3339(std::chrono::file_clock::to_sys(changed));
}

/// Absent: they are not known, so that each must be asked for.
std::optional<std::set<std::string>> names_below(const fs::path& folder) {
  try {
    const auto names = names_in(open_directory(folder), folder);
    return std::set<std::string>(names.begin(), names.end());
  } catch (const std::system_error& error) {
    return error.code() == std::errc::no_such_file_or_directory
               ? std::optional(std::set<std::string>())
               : std::nullopt;
  }
}

class Listing {
 public:
  Listing(const fs::path& path, ListingNotes notes, const Clock& clock)
      : path_(path),
        clock_(clock),
        root_(open_directory(path)),
        notes_(std::move(notes)),
        reports_(names_below(state_folder(path, "reports"))),
        pins_(names_below(state_folder(path, "pins"))) {}

  std::vector<SnapshotEntry> read() {
    std::vector<std::pair<std::string, SnapshotEntry>> timed;
    for (const auto& name : names_in(root_, path_)) {
      const auto path = path_ / name;
      if (!valid_snapshot_name(name) || kind_of(root_, name, path) != EntryKind::Directory) {
        continue;  // drafts, the state's folder, lost+found, links, whatever lies about
      }
      auto found = entry(name);
      if (!found.summary && kind_of(root_, name, path) == EntryKind::Absent) {
        continue;  // removed while it was read
      }
      auto time = time_of(found, path);
      found.changed_at = found.summary ? "" : time;
      timed.emplace_back(std::move(time), std::move(found));
    }
    if (new_ >= kManyNew) {
      write_listing_notes(path_, kept_);
    }
    std::ranges::stable_sort(timed, {}, &std::pair<std::string, SnapshotEntry>::first);
    std::vector<SnapshotEntry> entries;
    entries.reserve(timed.size());
    for (auto& [time, found] : timed) {
      entries.push_back(std::move(found));
    }
    return entries;
  }

 private:
  SnapshotEntry entry(const std::string& name) {
    SnapshotEntry entry;
    entry.name = name;
    try {
      entry.pinned = !pins_ ? has_pin(path_, name) : pins_->contains(name);
      if (const auto* note = still_true(name)) {
        tell(*note, entry);
      } else {
        read_anew(entry);
      }
    } catch (const FormatError& error) {
      entry.problem = error.what();
    } catch (const std::system_error& error) {
      entry.problem = error.what();
    }
    return entry;
  }

  /// What was noted of it, if its manifest is the same and its files have their sizes.
  const ListingNote* still_true(const std::string& name) {
    const auto found = notes_.find(name);
    if (found == notes_.end() ||
        stamp_of(root_, name + "/manifest.json") != found->second.manifest) {
      return nullptr;
    }
    const auto has_its_size = [&](const auto& file) {
      const auto status = status_of(root_, name + "/" + file.first);
      return status && static_cast<std::uint64_t>(status->st_size) == file.second;
    };
    if (!std::ranges::all_of(found->second.files, has_its_size)) {
      return nullptr;
    }
    return &(kept_[name] = std::move(found->second));
  }

  void tell(const ListingNote& note, SnapshotEntry& entry) {
    entry.bytes = note.bytes;
    entry.summary = note.summary;
    entry.digest = note.digest;
    entry.checked = standing_of(reports(entry.name, note.digest));
  }

  void read_anew(SnapshotEntry& entry) {
    const auto path = path_ / entry.name;
    const auto before = stamp_of(root_, entry.name + "/manifest.json");
    const auto snapshot = open_directory_in(root_, entry.name, path);
    entry.bytes = bytes_below(snapshot, path);
    entry.digest = manifest_digest(snapshot, path);
    entry.checked = standing_of(reports(entry.name, entry.digest));
    const auto manifest = read_manifest(snapshot, entry.name, path);
    check_sizes(snapshot, manifest, path);
    entry.summary = summary_of(manifest);
    if (before && has_settled(*before, clock_) &&
        before == stamp_of(root_, entry.name + "/manifest.json")) {
      note(entry, {*before, entry.digest, entry.bytes, *entry.summary, {}}, manifest);
    }
  }

  void note(const SnapshotEntry& entry, ListingNote note, const Manifest& manifest) {
    for (const auto& file : artifacts(manifest)) {
      note.files.emplace_back(file.path, file.bytes);
    }
    kept_[entry.name] = std::move(note);
    ++new_;
  }

  [[nodiscard]] ReportChain reports(const std::string& name, const std::string& digest) const {
    return !reports_ || reports_->contains(name + ".jsonl") ? read_reports(path_, name, digest)
                                                            : ReportChain();
  }

  const fs::path& path_;
  const Clock& clock_;
  FileDescriptor root_;
  ListingNotes notes_;  // of the last time
  ListingNotes kept_;   // for the next time
  int new_ = 0;
  std::optional<std::set<std::string>> reports_;
  std::optional<std::set<std::string>> pins_;
};

}  // namespace

std::vector<SnapshotEntry> list_snapshots(const fs::path& root, ListingNotes notes,
                                          const Clock& clock) {
  return Listing(root, std::move(notes), clock).read();
}

}  // namespace controller
