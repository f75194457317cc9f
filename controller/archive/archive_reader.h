// A stored volume archive as it is read back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "controller/archive/artifact.h"
#include "controller/archive/tree_entry.h"

namespace controller {

/// Reads entries one after the other.  The archive is taken as hostile: an entry comes out only if
/// its name stays below the root and can be written in one way only, and if all it says is within
/// limits.  Anything else is an IntegrityError that names the archive and the entry.
class VolumeArchiveReader {
 public:
  /// A stretch of an entry's data; what lies between two is a hole.
  struct Data {
    std::uint64_t offset = 0;
    std::string_view bytes;
  };

  /// Throws std::system_error if the file cannot be opened.
  VolumeArchiveReader(const std::filesystem::path& path, unsigned threads);
  VolumeArchiveReader(const VolumeArchiveReader&) = delete;
  VolumeArchiveReader& operator=(const VolumeArchiveReader&) = delete;
  ~VolumeArchiveReader();

  /// The next entry, valid until the next call; nullptr behind the last one.  Then the end marker
  /// has been seen, and nothing behind it.
  const TreeEntry* next();

  /// The next data of the entry, valid until the next call; absent at its end.
  std::optional<Data> data();

  /// What the whole file was.  Call after next() has returned nullptr.
  ArtifactDigest finish();

  /// Throws IntegrityError about the entry read last.
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace controller
