// The docker CLI's plugin, put where that looks for it.
#pragma once

#include <filesystem>

namespace controller {

inline constexpr const char* kPluginName = "docker-backup";

/// Puts a copy of `plugin` into `folder`, whole or not at all, in place of one that is there.
/// Returns where it is.  Throws UsageError if `folder` is none, std::system_error if a file cannot
/// be read or written.
std::filesystem::path install_plugin(const std::filesystem::path& plugin,
                                     const std::filesystem::path& folder);

}  // namespace controller
