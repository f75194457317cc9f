// How much a file system still takes.
#pragma once

#include <string>

#include "controller/agent/protocol.h"

namespace controller {

/// Of the file system that holds `path`.  Throws std::system_error.
FreeSpaceMessage free_space(const std::string& tree, const std::string& path);

}  // namespace controller
