// Removing what is in a directory.
#pragma once

#include <filesystem>

namespace controller {

/// Removes everything in the directory, which stays.  No link is followed, no other file system
/// entered: one that is mounted below makes this throw, after everything else is gone.  Throws
/// std::system_error.
void empty_directory(const std::filesystem::path& path);

/// The same, and the directory itself.  Absent is not an error.
void remove_tree(const std::filesystem::path& path);

}  // namespace controller
