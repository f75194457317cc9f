#include "controller/archive/tree_removal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "controller/archive/beneath.h"
#include "controller/archive/system_call.h"
#include "controller/archive/tree_walk.h"

namespace controller {
namespace {

// Removes a directory that has been emptied.  One that is not empty has a mounted file system in
// it, or names came while others went: the end tells.
void remove_left(const TreeWalk::Place& place, const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  if (::unlinkat(place.parent, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOTEMPTY &&
      errno != ENOENT) {
    throw_errno("remove the directory", path);
  }
}

void remove_entry(TreeWalk& walk, const TreeWalk::Place& place, dev_t device) {
  if (::unlinkat(place.directory, place.name, 0) == 0 || errno == ENOENT) {
    return;
  }
  if (errno != EISDIR && errno != EPERM) {
    throw_errno("remove", walk.path());
  }
  FileDescriptor directory = open_beneath(place.directory, place.name, O_RDONLY | O_DIRECTORY);
  struct stat status {};
  if (!directory || ::fstat(directory.fd(), &status) != 0) {
    throw_errno("remove", walk.path());
  }
  if (status.st_dev == device) {
    walk.enter(std::move(directory), status);
  }
}

void remove_once(const std::filesystem::path& path) {
  FileDescriptor root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!root || ::fstat(root.fd(), &status) != 0) {
    throw_errno("open the directory", path.string());
  }
  TreeWalk walk(std::move(root), status);
  while (const auto place = walk.next()) {
    if (place->step == TreeWalk::Step::Entry) {
      remove_entry(walk, *place, status.st_dev);
    } else if (place->parent >= 0) {
      remove_left(*place, walk.path());
    }
  }
}

}  // namespace

void empty_directory(const std::filesystem::path& path) {
  static constexpr int kRounds = 4;  // some file systems list too little while names vanish
  for (int round = 0; round < kRounds; ++round) {
    remove_once(path);
    if (std::filesystem::is_empty(path)) {
      return;
    }
  }
  throw_error(ENOTEMPTY, "empty the directory", path.string());
}

void remove_tree(const std::filesystem::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 && errno == ENOENT) {
    return;
  }
  empty_directory(path);
  if (::rmdir(path.c_str()) != 0) {
    throw_errno("remove the directory", path.string());
  }
}

}  // namespace controller
