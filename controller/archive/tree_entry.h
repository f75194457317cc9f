// One entry of a tree as it stands in an archive.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "controller/archive/extended_attributes.h"

namespace controller {

/// A stretch of a file that holds data; what lies between is a hole.
struct DataExtent {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;

  friend bool operator==(const DataExtent&, const DataExtent&) = default;
};

struct TreeEntry {
  std::string path;  // relative to the root, bytes as they are; empty: the root itself
  mode_t mode = 0;   // with the type
  uid_t uid = 0;
  gid_t gid = 0;
  std::uint64_t size = 0;  // of a regular file, holes included
  timespec modified{};
  dev_t device = 0;          // of a device node
  std::string link_target;   // of a symbolic link
  std::string hard_link_to;  // path of an earlier entry that is the same file; else empty
  ExtendedAttributes attributes;
  bool sparse = false;
  std::vector<DataExtent> extents;  // of a sparse file, ascending

  [[nodiscard]] bool is_directory() const { return S_ISDIR(mode); }
  [[nodiscard]] bool is_regular() const { return S_ISREG(mode); }
};

/// Paths longer than this can be neither archived nor restored.
inline constexpr std::size_t kLongestPath = 128U << 10U;

/// All extended attributes of one entry together.
inline constexpr std::size_t kMostAttributeBytes = 512U << 10U;

}  // namespace controller
