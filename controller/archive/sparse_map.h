// Where a file holds data and where only holes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "controller/archive/tree_entry.h"

namespace controller {

/// The stretches of data among the first `size` bytes of an open file.  At most some ten thousand:
/// of a file that is broken up further, the small holes count as data.  Throws std::system_error
/// naming `path`.
std::vector<DataExtent> data_extents(int fd, std::uint64_t size, const std::string& path);

}  // namespace controller
