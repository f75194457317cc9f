// A snapshot's manifest.json as it lies in the store, and whether its files can be what it says.
#pragma once

#include <filesystem>
#include <string>

#include "controller/archive/file_descriptor.h"
#include "controller/snapshot/manifest.h"

namespace controller {

/// Reads and checks `manifest.json`.  Throws FormatError whatever is wrong with it.
Manifest read_manifest(const FileDescriptor& snapshot, const std::string& name,
                       const std::filesystem::path& shown);

/// SHA-256 of manifest.json as it is; of nothing if it cannot be read.
std::string manifest_digest(const FileDescriptor& snapshot, const std::filesystem::path& shown);

/// Throws FormatError that names the first file that cannot be what was stored.
void check_sizes(const FileDescriptor& snapshot, const Manifest& manifest,
                 const std::filesystem::path& shown);

}  // namespace controller
