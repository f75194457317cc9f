#include "controller/archive/directory_stack.h"

#include <fcntl.h>

#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "controller/archive/beneath.h"
#include "controller/archive/system_call.h"

namespace controller {
namespace {

constexpr std::size_t kOpenLevels = 64;

// True if `path` is `directory` or below it.
bool lies_in(std::string_view path, std::string_view directory) {
  return directory.empty() || path == directory ||
         (path.starts_with(directory) && path[directory.size()] == '/');
}

}  // namespace

DirectoryStack::DirectoryStack(FileDescriptor root, OnLeave on_leave)
    : on_leave_(std::move(on_leave)) {
  push(std::move(root), "");
}

void DirectoryStack::push(FileDescriptor directory, const std::string& name) {
  struct stat status {};
  if (::fstat(directory.fd(), &status) != 0) {
    throw_errno("inspect", path_);
  }
  if (!path_.empty()) {
    path_ += '/';
  }
  path_ += name;
  Level level;
  level.directory = {std::make_shared<const FileDescriptor>(std::move(directory)), status.st_dev,
                     status.st_ino};
  level.path_length = path_.size();
  levels_.push_back(std::move(level));
  if (levels_.size() > kOpenLevels) {
    levels_[levels_.size() - 1 - kOpenLevels].directory.descriptor.reset();
  }
}

void DirectoryStack::enter(FileDescriptor directory, const std::string& name, TreeEntry entry) {
  push(std::move(directory), name);
  levels_.back().entry = std::move(entry);
}

bool DirectoryStack::holds(const std::string& path) const {
  return lies_in(path_, path);
}

const OpenDirectory* DirectoryStack::move_to(const std::string& path) {
  while (!lies_in(path, path_)) {
    leave();
  }
  while (path_.size() < path.size()) {
    const std::size_t start = path_.empty() ? 0 : path_.size() + 1;
    if (!descend(path.substr(start, path.find('/', start) - start))) {
      return nullptr;
    }
  }
  return &levels_.back().directory;
}

bool DirectoryStack::descend(const std::string& name) {
  FileDescriptor directory =
      open_beneath(levels_.back().directory.fd(), name.c_str(), O_RDONLY | O_DIRECTORY);
  struct stat status {};
  if (!directory || ::fstat(directory.fd(), &status) != 0) {
    return false;
  }
  push(std::move(directory), name);
  levels_.back().times = status.st_mtim;
  return true;
}

void DirectoryStack::leave() {
  Level left = std::move(levels_.back());
  levels_.pop_back();
  if (!levels_.empty() && !levels_.back().directory.descriptor) {
    reopen_parent(left.directory.fd());
  }
  if (left.entry) {
    on_leave_(left.directory, std::move(*left.entry));
  } else if (left.times) {
    const std::array<timespec, 2> times{timespec{0, UTIME_OMIT}, *left.times};
    if (::futimens(left.directory.fd(), times.data()) != 0) {
      throw_errno("set the times of", path_);
    }
  }
  path_.resize(levels_.empty() ? 0 : levels_.back().path_length);
}

void DirectoryStack::reopen_parent(int child) {
  OpenDirectory& parent = levels_.back().directory;
  FileDescriptor found(::openat(child, "..", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!found || ::fstat(found.fd(), &status) != 0 || status.st_dev != parent.device ||
      status.st_ino != parent.inode) {
    throw std::runtime_error(path_ + " was moved elsewhere while it was written");
  }
  parent.descriptor = std::make_shared<const FileDescriptor>(std::move(found));
}

void DirectoryStack::leave_all() {
  while (!levels_.empty()) {
    leave();
  }
}

}  // namespace controller
