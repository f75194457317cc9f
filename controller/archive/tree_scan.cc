#include "controller/archive/tree_scan.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <stdexcept>

#include "controller/archive/beneath.h"
#include "controller/archive/sparse_map.h"
#include "controller/archive/system_call.h"

namespace controller {
namespace {

constexpr std::uint64_t kSmall = 256U << 10U;  // read by the scan itself
constexpr off_t kAhead = 2U << 20U;            // asked for of a larger file before its turn
constexpr std::size_t kMostWaiting = 128;      // small files left open until the disk has them
constexpr const char* kVanished = "vanished while it was read";

bool same_time(const timespec& left, const timespec& right) {
  return left.tv_sec == right.tv_sec && left.tv_nsec == right.tv_nsec;
}

// Blocks are counted in units of 512 bytes whatever the file system.
bool may_have_holes(const struct stat& status) {
  return status.st_blocks * 512 < status.st_size;
}

TreeEntry entry_of(const struct stat& status, std::string path) {
  TreeEntry entry;
  entry.path = std::move(path);
  entry.mode = status.st_mode;
  entry.uid = status.st_uid;
  entry.gid = status.st_gid;
  entry.size = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
  entry.modified = status.st_mtim;
  entry.device = status.st_rdev;
  return entry;
}

void check_limits(const TreeEntry& entry) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : entry.attributes) {
    bytes += name.size() + value.size();
  }
  if (bytes > kMostAttributeBytes) {
    throw std::runtime_error(entry.path + " has too many extended attributes to archive");
  }
  if (entry.path.size() > kLongestPath) {
    throw std::runtime_error("a path is too long to archive: " + entry.path.substr(0, 1000) + "…");
  }
}

struct stat status_of(int fd, const std::string& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) {
    throw_errno("inspect", path);
  }
  return status;
}

// What is in the page cache already; -1 and EAGAIN if nothing is.
ssize_t read_cached(int fd, char* bytes, std::size_t size) {
  const iovec piece{bytes, size};
  return ::preadv2(fd, &piece, 1, 0, RWF_NOWAIT);
}

}  // namespace

bool differs(const struct stat& before, const struct stat& after) {
  return before.st_size != after.st_size || !same_time(before.st_mtim, after.st_mtim) ||
         !same_time(before.st_ctim, after.st_ctim);
}

TreeScan::TreeScan(const ArchiveRequest& request, ProblemLog& problems)
    : request_(request),
      problems_(problems),
      exclusion_(request.exclude),
      no_access_time_(O_NOATIME) {
  struct stat status {};
  if (::stat(request.artifact.parent_path().c_str(), &status) == 0) {
    store_ = {status.st_dev, status.st_ino};
  }
}

bool TreeScan::fill(ScanBatch& batch) {
  batch.entries.clear();
  batch.used = 0;
  batch.files = 0;
  if (!batch.content) {
    batch.content.reset(new char[ScanBatch::kContent]);
  }
  if (!started_) {
    started_ = true;
    scan_root(batch);
  }
  while (batch.entries.size() < ScanBatch::kEntries && batch.files < ScanBatch::kFiles &&
         ScanBatch::kContent - batch.used >= kSmall && scan_next(batch)) {
    if (waiting_.size() == kMostWaiting) {
      read_waiting(batch);
    }
  }
  read_waiting(batch);
  return !batch.entries.empty();
}

void TreeScan::scan_root(ScanBatch& batch) {
  const std::string& root = request_.root.native();
  // The root alone may be reached through links: it is what the caller named.
  FileDescriptor file(::open(root.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) {
    throw_errno("open", root);
  }
  const struct stat status = status_of(file.fd(), root);
  if (S_ISREG(status.st_mode)) {
    add_file(std::move(file), status, request_.root.filename().string(), batch);
    return;
  }
  if (!S_ISDIR(status.st_mode)) {
    throw std::runtime_error(root + " is neither a directory nor a file");
  }
  ScannedEntry scanned;
  scanned.entry = entry_of(status, "");
  scanned.entry.attributes = extended_attributes_of(file.fd(), root);
  batch.entries.push_back(std::move(scanned));
  open_directories_.push_back(status);
  walk_ = std::make_unique<TreeWalk>(std::move(file), status);
}

// One place of the walk, which may add no entry; false at the end.
bool TreeScan::scan_next(ScanBatch& batch) {
  const auto place = walk_ ? walk_->next() : std::nullopt;
  if (!place) {
    return false;
  }
  if (place->step == TreeWalk::Step::Leave) {
    check_left(*place);
  } else if (!exclusion_.matches(walk_->path())) {
    scan_place(*place, batch);
  }
  return true;
}

void TreeScan::check_left(const TreeWalk::Place& place) {
  const struct stat before = open_directories_.back();
  open_directories_.pop_back();
  // In a live tree names come and go all the time; those that were missed were warned about.
  if (request_.liveness == Liveness::Still &&
      differs(before, status_of(place.directory, walk_->path()))) {
    problems_.changed(walk_->path(), "changed while it was read");
  }
}

// What a name stands for can be replaced between two looks at it, but not for ever.
void TreeScan::scan_place(const TreeWalk::Place& place, ScanBatch& batch) {
  static constexpr int kLooks = 8;
  unsigned char type = place.type;
  for (int look = 0; look < kLooks; ++look) {
    if (type == DT_REG && scan_regular(place, batch)) {
      return;
    }
    if (type == DT_DIR && scan_directory(place, batch)) {
      return;
    }
    struct stat status {};
    if (::fstatat(place.directory, place.name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno != ENOENT) {
        throw_errno("inspect", walk_->path());
      }
      problems_.changed(walk_->path(), kVanished);
      return;
    }
    type = static_cast<unsigned char>(IFTODT(status.st_mode));
    if (type != DT_REG && type != DT_DIR && scan_other(place, status, batch)) {
      return;
    }
  }
  problems_.changed(walk_->path(), "was replaced again and again while it was read");
}

FileDescriptor TreeScan::open(const TreeWalk::Place& place, int flags) {
  FileDescriptor file = open_beneath(place.directory, place.name, flags | no_access_time_);
  if (!file && errno == EPERM && no_access_time_ != 0) {
    no_access_time_ = 0;  // needs CAP_FOWNER for files of others
    file = open_beneath(place.directory, place.name, flags);
  }
  // These three say that the name is not, or no longer, of the type it was opened for.
  if (!file && errno != ENOENT && errno != ELOOP && errno != ENXIO && errno != ENOTDIR) {
    throw_errno("open", walk_->path());
  }
  return file;
}

bool TreeScan::scan_regular(const TreeWalk::Place& place, ScanBatch& batch) {
  // Should it have become a fifo or a terminal: neither wait for it nor adopt it.
  FileDescriptor file = open(place, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) {
    return false;
  }
  const struct stat status = status_of(file.fd(), walk_->path());
  if (!S_ISREG(status.st_mode)) {
    return false;
  }
  add_file(std::move(file), status, walk_->path(), batch);
  return true;
}

void TreeScan::add_file(FileDescriptor file, const struct stat& status, std::string path,
                        ScanBatch& batch) {
  ScannedEntry scanned;
  scanned.entry = entry_of(status, std::move(path));
  scanned.status = status;
  if (status.st_nlink < 2 || !is_another_name(status, scanned.entry)) {
    scanned.entry.attributes = extended_attributes_of(file.fd(), scanned.entry.path);
    take_content(scanned, std::move(file), batch);
  }
  check_limits(scanned.entry);
  batch.entries.push_back(std::move(scanned));
}

bool TreeScan::is_another_name(const struct stat& status, TreeEntry& entry) {
  const std::pair key{status.st_dev, status.st_ino};
  const auto known = names_.find(key);
  if (known == names_.end()) {
    names_.emplace(key, std::pair{entry.path, status.st_nlink - 1});
    return false;
  }
  entry.hard_link_to = known->second.first;
  if (--known->second.second == 0) {
    names_.erase(known);  // all its names have been seen
  }
  return true;
}

void TreeScan::take_content(ScannedEntry& scanned, FileDescriptor file, ScanBatch& batch) {
  TreeEntry& entry = scanned.entry;
  if (may_have_holes(scanned.status)) {
    entry.extents = data_extents(file.fd(), entry.size, entry.path);
    entry.sparse = entry.extents != std::vector<DataExtent>{{0, entry.size}};
  }
  if (entry.size == 0) {
    scanned.held = true;
    return;
  }
  if (entry.size > kSmall || entry.sparse) {
    ::posix_fadvise(file.fd(), 0, kAhead, POSIX_FADV_WILLNEED);
    scanned.file = std::move(file);
    ++batch.files;
    return;
  }
  scanned.content_at = batch.used;
  scanned.held = true;
  const auto have = read_cached(file.fd(), batch.content.get() + batch.used, entry.size);
  batch.used += entry.size;
  if (have == static_cast<ssize_t>(entry.size)) {
    if (differs(scanned.status, status_of(file.fd(), entry.path))) {
      problems_.changed(entry.path, "changed while it was read");
    }
    return;
  }
  ::posix_fadvise(file.fd(), 0, 0, POSIX_FADV_WILLNEED);
  waiting_.push_back(
      {batch.entries.size(), static_cast<std::size_t>(have > 0 ? have : 0), std::move(file)});
}

// All that waits has been asked for: the disk has had the time of a whole batch.
void TreeScan::read_waiting(ScanBatch& batch) {
  for (auto& [index, have, file] : waiting_) {
    const ScannedEntry& scanned = batch.entries[index];
    const TreeEntry& entry = scanned.entry;
    char* const content = batch.content.get() + scanned.content_at;
    while (have < entry.size) {
      const ssize_t got =
          ::pread(file.fd(), content + have, entry.size - have, static_cast<off_t>(have));
      if (got < 0 && errno != EINTR) {
        throw_errno("read", entry.path);
      }
      if (got == 0) {
        std::fill(content + have, content + entry.size, '\0');
        break;
      }
      have += static_cast<std::size_t>(got > 0 ? got : 0);
    }
    if (differs(scanned.status, status_of(file.fd(), entry.path))) {
      problems_.changed(entry.path, "changed while it was read");
    }
  }
  // Only now: the kernel can drop pages at once when they are not the last ones it read.
  for (const auto& waited : waiting_) {
    ::posix_fadvise(waited.file.fd(), 0, 0, POSIX_FADV_DONTNEED);
  }
  waiting_.clear();
}

bool TreeScan::scan_directory(const TreeWalk::Place& place, ScanBatch& batch) {
  FileDescriptor directory = open(place, O_RDONLY | O_DIRECTORY);
  if (!directory) {
    return false;
  }
  const struct stat status = status_of(directory.fd(), walk_->path());
  if (std::pair{status.st_dev, status.st_ino} == store_) {
    problems_.note(walk_->path(), "is where this archive is being written: left out");
    return true;
  }
  ScannedEntry scanned;
  scanned.entry = entry_of(status, walk_->path());
  scanned.entry.attributes = extended_attributes_of(directory.fd(), walk_->path());
  check_limits(scanned.entry);
  batch.entries.push_back(std::move(scanned));
  open_directories_.push_back(status);
  walk_->enter(std::move(directory), status);
  return true;
}

bool TreeScan::scan_other(const TreeWalk::Place& place, const struct stat& status,
                          ScanBatch& batch) {
  ScannedEntry scanned;
  TreeEntry& entry = scanned.entry;
  entry = entry_of(status, walk_->path());
  if (S_ISSOCK(status.st_mode)) {
    problems_.note(entry.path, "socket skipped");
    return true;
  }
  if (S_ISLNK(status.st_mode)) {
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlinkat(place.directory, place.name, target.data(), target.size());
    if (size < 0) {
      return false;  // gone, or something else by now
    }
    entry.link_target.assign(target.data(), static_cast<std::size_t>(size));
  }
  if (status.st_nlink < 2 || !is_another_name(status, entry)) {
    entry.attributes = extended_attributes_of(place.directory, place.name, entry.path);
  }
  check_limits(entry);
  batch.entries.push_back(std::move(scanned));
  return true;
}

}  // namespace controller
