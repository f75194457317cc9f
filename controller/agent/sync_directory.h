// Making names durable.
#pragma once

#include <filesystem>

namespace controller {

/// Writes the directory itself to the disk: a name in it is there only once that has been done.
/// Throws std::system_error.
void sync_directory(const std::filesystem::path& path);

}  // namespace controller
