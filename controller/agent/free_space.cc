#include "controller/agent/free_space.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <limits>

#include "controller/archive/system_call.h"

namespace controller {

FreeSpaceMessage free_space(const std::string& tree, const std::string& path) {
  struct statvfs status {};
  if (::statvfs(path.c_str(), &status) != 0) {
    throw_errno("ask for the free space of", path);
  }
  struct stat seen {};
  if (::stat(path.c_str(), &seen) != 0) {
    throw_errno("look at", path);
  }
  // btrfs and others have no fixed number of inodes, and say 0 of 0.
  const bool counted = status.f_files > 0;
  return {tree, status.f_bavail * status.f_frsize,
          counted ? status.f_favail : std::numeric_limits<std::uint64_t>::max(), seen.st_dev};
}

}  // namespace controller
