#include "controller/archive/sparse_map.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "controller/archive/system_call.h"

namespace controller {
namespace {

constexpr std::size_t kMostExtents = 65536;

// Where the next data (or the next hole) begins at or behind `from`; `size` if there is none.
std::uint64_t seek(int fd, std::uint64_t from, int whence, std::uint64_t size,
                   const std::string& path) {
  const off_t found = ::lseek(fd, static_cast<off_t>(from), whence);
  if (found >= 0) {
    return std::min(static_cast<std::uint64_t>(found), size);
  }
  if (errno == ENXIO) {  // nothing there, or the file has become shorter
    return size;
  }
  throw_errno("find the holes of", path);
}

// Extents with no hole of up to `bridged` bytes between them; too many if cut off at the limit.
std::vector<DataExtent> extents(int fd, std::uint64_t size, std::uint64_t bridged,
                                const std::string& path) {
  std::vector<DataExtent> found;
  std::uint64_t at = 0;
  while (found.size() <= kMostExtents) {
    const std::uint64_t data = seek(fd, at, SEEK_DATA, size, path);
    if (data >= size) {
      break;
    }
    at = std::max(seek(fd, data, SEEK_HOLE, size, path), data + 1);
    if (!found.empty() && data - (found.back().offset + found.back().length) <= bridged) {
      found.back().length = at - found.back().offset;
    } else {
      found.push_back({data, at - data});
    }
  }
  return found;
}

}  // namespace

std::vector<DataExtent> data_extents(int fd, std::uint64_t size, const std::string& path) {
  std::uint64_t bridged = 0;
  for (;;) {
    std::vector<DataExtent> found = extents(fd, size, bridged, path);
    if (found.size() <= kMostExtents) {
      return found;
    }
    bridged = std::max<std::uint64_t>(bridged * 8, 64U << 10U);
  }
}

}  // namespace controller
