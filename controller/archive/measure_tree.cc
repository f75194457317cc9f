#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <set>
#include <string_view>
#include <utility>

#include "controller/archive/beneath.h"
#include "controller/archive/exclusion.h"
#include "controller/archive/system_call.h"
#include "controller/archive/tree_walk.h"
#include "controller/archive/volume_archive.h"

namespace controller {
namespace {

constexpr std::uint64_t kBlock = 512;  // what st_blocks counts, whatever the file system
constexpr int kDeepestCluster = 3;     // levels below the root at which a cluster is looked for

int depth(std::string_view path) {
  int slashes = 0;
  for (const char c : path) {
    slashes += c == '/' ? 1 : 0;
  }
  return path.empty() ? 0 : slashes + 1;
}

// A cluster's directory holds the file PG_VERSION and global/pg_control.
bool is_postgres_cluster(int directory) {
  struct stat status {};
  if (::fstatat(directory, "PG_VERSION", &status, AT_SYMLINK_NOFOLLOW) != 0 ||
      !S_ISREG(status.st_mode)) {
    return false;
  }
  const FileDescriptor global = open_beneath(directory, "global", O_PATH | O_DIRECTORY);
  return global && ::fstatat(global.fd(), "pg_control", &status, AT_SYMLINK_NOFOLLOW) == 0;
}

class Measure {
 public:
  explicit Measure(const std::vector<std::string>& exclude) : exclusion_(exclude) {}

  TreeSize run(const std::filesystem::path& root) {
    FileDescriptor file(::open(root.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat status {};
    if (!file || ::fstat(file.fd(), &status) != 0) {
      throw_errno("open", root.string());
    }
    count(status);
    if (S_ISDIR(status.st_mode)) {
      size_.has_postgres_cluster = is_postgres_cluster(file.fd());
      walk(TreeWalk(std::move(file), status));
    }
    return size_;
  }

 private:
  void walk(TreeWalk walk) {
    while (const auto place = walk.next()) {
      struct stat status {};
      if (place->step == TreeWalk::Step::Leave || exclusion_.matches(walk.path())) {
        continue;
      }
      if (::fstatat(place->directory, place->name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) {
          continue;  // a tree in use: what has gone has no size
        }
        throw_errno("inspect", walk.path());
      }
      count(status);
      if (S_ISDIR(status.st_mode)) {
        enter(walk, *place);
      }
    }
  }

  void enter(TreeWalk& walk, const TreeWalk::Place& place) {
    FileDescriptor directory = open_beneath(place.directory, place.name, O_RDONLY | O_DIRECTORY);
    struct stat status {};
    if (!directory || ::fstat(directory.fd(), &status) != 0) {
      if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) {
        return;  // gone, or replaced, since it was counted
      }
      throw_errno("open", walk.path());
    }
    if (!size_.has_postgres_cluster && depth(walk.path()) <= kDeepestCluster) {
      size_.has_postgres_cluster = is_postgres_cluster(directory.fd());
    }
    walk.enter(std::move(directory), status);
  }

  void count(const struct stat& status) {
    ++size_.entries;
    // A file with several names takes its blocks once.
    if (S_ISREG(status.st_mode) &&
        (status.st_nlink < 2 || seen_.emplace(status.st_dev, status.st_ino).second)) {
      size_.bytes += static_cast<std::uint64_t>(status.st_blocks) * kBlock;
    }
  }

  Exclusion exclusion_;
  std::set<std::pair<dev_t, ino_t>> seen_;
  TreeSize size_;
};

}  // namespace

TreeSize measure_tree(const std::filesystem::path& root, const std::vector<std::string>& exclude) {
  return Measure(exclude).run(root);
}

}  // namespace controller
