#include "controller/archive/tree_walk.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "controller/archive/system_call.h"

namespace controller {
namespace {

constexpr std::size_t kOpenLevels = 64;
// A directory with more names than this is sorted in parts: memory stays bounded.
constexpr std::size_t kNamesAtOnce = 24U << 20U;
constexpr std::size_t kDirents = 64U << 10U;

// What getdents64 fills in.
struct Dirents {
  alignas(dirent64) char bytes[kDirents];  // NOLINT(modernize-avoid-c-arrays): aligned storage
};

void add_name(std::string& names, std::vector<std::uint32_t>& order, const dirent64& entry) {
  const std::string_view name(entry.d_name);
  if (name == "." || name == "..") {
    return;
  }
  order.push_back(static_cast<std::uint32_t>(names.size()));
  names += static_cast<char>(entry.d_type);
  names.append(name.data(), name.size() + 1);
}

}  // namespace

TreeWalk::TreeWalk(FileDescriptor root, const struct stat& status) {
  push(std::move(root), status);
}

void TreeWalk::push(FileDescriptor directory, const struct stat& status) {
  Level level;
  level.directory = std::move(directory);
  level.device = status.st_dev;
  level.inode = status.st_ino;
  level.path_length = path_.size();
  levels_.push_back(std::move(level));
  spare_descriptors();
}

void TreeWalk::enter(FileDescriptor directory, const struct stat& status) {
  push(std::move(directory), status);
}

// The level that falls out of the window is opened again from below, by "..".  One that has names
// to be read yet keeps its descriptor, for its position.
void TreeWalk::spare_descriptors() {
  if (levels_.size() > kOpenLevels) {
    Level& outside = levels_[levels_.size() - 1 - kOpenLevels];
    if (!outside.more) {
      outside.directory.reset();
    }
  }
}

std::optional<TreeWalk::Place> TreeWalk::next() {
  if (std::exchange(leaving_, false)) {
    levels_.pop_back();
  }
  if (levels_.empty()) {
    return std::nullopt;
  }
  Level& level = levels_.back();
  path_.resize(level.path_length);
  if (level.next == level.order.size() && level.more) {
    read_names(level);
  }
  if (level.next == level.order.size()) {
    leaving_ = true;
    return Place{Step::Leave, level.directory.fd(), "", DT_DIR, open_parent()};
  }
  const char* const record = level.names.data() + level.order[level.next++];
  if (!path_.empty()) {
    path_ += '/';
  }
  path_ += record + 1;
  return Place{Step::Entry, level.directory.fd(), record + 1, static_cast<unsigned char>(record[0]),
               -1};
}

// While the last level is still there to come from.
int TreeWalk::open_parent() {
  if (levels_.size() < 2) {
    return -1;
  }
  Level& parent = levels_[levels_.size() - 2];
  if (parent.directory) {
    return parent.directory.fd();
  }
  parent.directory = FileDescriptor(::openat(levels_.back().directory.fd(), "..",
                                             O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!parent.directory) {
    throw_errno("open the directory above", path_);
  }
  struct stat status {};
  if (::fstat(parent.directory.fd(), &status) != 0 || status.st_dev != parent.device ||
      status.st_ino != parent.inode) {
    throw std::runtime_error(path_ + " was moved elsewhere while it was read");
  }
  return parent.directory.fd();
}

void TreeWalk::read_names(Level& level) {
  static thread_local Dirents dirents;
  level.names.clear();
  level.order.clear();
  level.next = 0;
  while (level.more && level.names.size() < kNamesAtOnce) {
    const ssize_t size = ::getdents64(level.directory.fd(), dirents.bytes, sizeof(dirents.bytes));
    // A directory that was removed meanwhile is empty.
    if (size < 0 && errno != ENOENT) {
      throw_errno("list the directory", path_.empty() ? "at the root" : path_);
    }
    level.more = size > 0;
    for (ssize_t at = 0; at < size;) {
      const auto* const entry = reinterpret_cast<const dirent64*>(dirents.bytes + at);
      add_name(level.names, level.order, *entry);
      at += entry->d_reclen;
    }
  }
  const char* const names = level.names.data();
  std::sort(level.order.begin(), level.order.end(), [names](std::uint32_t a, std::uint32_t b) {
    return std::strcmp(names + a + 1, names + b + 1) < 0;
  });
}

}  // namespace controller
