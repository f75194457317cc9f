#include "controller/snapshot/manifest_file.h"

#include <system_error>

#include "controller/archive/sha256.h"
#include "controller/snapshot/store_files.h"

namespace controller {

namespace {

constexpr std::uint64_t kLargestManifest = 256U << 20U;

}  // namespace

Manifest read_manifest(const FileDescriptor& snapshot, const std::string& name,
                       const std::filesystem::path& shown) {
  const auto path = shown / "manifest.json";
  if (kind_of(snapshot, "manifest.json", path) == EntryKind::Absent) {
    throw FormatError("it has no manifest.json");
  }
  try {
    auto manifest = manifest_from_json(
        read_all(open_file_below(snapshot, "manifest.json", path), kLargestManifest, path));
    if (manifest.name != name) {
      throw FormatError("manifest.json is that of another snapshot: its name is not " + name);
    }
    return manifest;
  } catch (const std::system_error& error) {
    throw FormatError(error.what());
  }
}

std::string manifest_digest(const FileDescriptor& snapshot, const std::filesystem::path& shown) {
  Sha256 digest;
  try {
    const auto path = shown / "manifest.json";
    digest.add(read_all(open_file_below(snapshot, "manifest.json", path), kLargestManifest, path));
  } catch (const std::system_error&) {
    return Sha256().hex();
  }
  return digest.hex();
}

void check_sizes(const FileDescriptor& snapshot, const Manifest& manifest,
                 const std::filesystem::path& shown) {
  for (const auto& artifact : artifacts(manifest)) {
    const auto path = shown / artifact.path;
    try {
      const auto bytes = size_of(open_file_below(snapshot, artifact.path, path), path);
      if (bytes != artifact.bytes) {
        throw FormatError(artifact.path + " has " + std::to_string(bytes) + " bytes, not " +
                          std::to_string(artifact.bytes));
      }
    } catch (const std::system_error& error) {
      throw FormatError(error.code() == std::errc::no_such_file_or_directory
                            ? artifact.path + " is missing"
                            : error.what());
    }
  }
}

}  // namespace controller
