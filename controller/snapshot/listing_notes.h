// What listings remember of snapshots, so that the next one need not read every manifest again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/snapshot/snapshot_summary.h"

namespace controller {

/// Tells one state of a file from every other one: the kernel gives a file another `changed` time
/// with whatever is done to it, and nobody can set that.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t bytes = 0;
  std::int64_t modified = 0;  // nanoseconds
  std::int64_t changed = 0;   // nanoseconds

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// Of a snapshot whose manifest was good.
struct ListingNote {
  FileStamp manifest;
  std::string digest;       // SHA-256 of manifest.json
  std::uint64_t bytes = 0;  // on disk
  SnapshotSummary summary;
  std::vector<std::pair<std::string, std::uint64_t>> files;  // path and size of each

  friend bool operator==(const ListingNote&, const ListingNote&) = default;
};

using ListingNotes = std::map<std::string, ListingNote, std::less<>>;

/// A text of lines.  A snapshot whose names have tabs or newlines is left out.
std::string to_text(const ListingNotes& notes);

/// What to_text() made; nothing of a text that is not whole, or of another version.
ListingNotes listing_notes_from(std::string_view text);

/// Those of the store; none if they cannot be read.
ListingNotes read_listing_notes(const std::filesystem::path& root);

/// Best effort: a store that cannot be written to is listed all the same.
void write_listing_notes(const std::filesystem::path& root, const ListingNotes& notes);

}  // namespace controller
