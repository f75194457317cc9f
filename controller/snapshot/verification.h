// Reading a snapshot back, to know that it can be.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "controller/snapshot/manifest.h"

namespace controller {

/// One thing that is wrong with a stored file.
struct Finding {
  std::string path;  // relative to the snapshot
  std::string text;  // "sha256 differs: …", "missing", "damaged at entry …"

  friend bool operator==(const Finding&, const Finding&) = default;
};

/// Reads the content of a database dump through; returns what is wrong with it, empty if nothing.
using DumpReader = std::function<std::vector<Finding>(const DatabaseRecord& record,
                                                      const std::filesystem::path& file)>;

/// Re-reads every artifact in `directory`: size, digest, decompressed, walked, and counted against
/// the manifest.  Findings, not exceptions: an empty answer means that all is well. `progress` is
/// told the stored bytes read so far.
std::vector<Finding> verify_snapshot(const std::filesystem::path& directory,
                                     const Manifest& manifest, const DumpReader& dump_reader,
                                     const std::function<void(std::uint64_t)>& progress);

/// As above, but each file's size and digest only: what was stored is what is read.  For somebody
/// who goes on to read the content and to compare it with the manifest.
std::vector<Finding> check_digests(const std::filesystem::path& directory, const Manifest& manifest,
                                   const std::function<void(std::uint64_t)>& progress);

}  // namespace controller
