// A dump in pg_dump's custom format, checked while it streams by.
//
// After the table of contents (archive_toc.h) come the data, in blocks:
//   rows           1, int id, then chunks (int length, bytes) until a length of 0
//   large objects  3, int id, then objects (int oid, chunks as above) until an oid of 0
// The format has no end mark: it is complete once every entry with data had its block.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "controller/database/archive_toc.h"
#include "controller/database/copy_checksum.h"
#include "controller/database/dump_contents.h"
#include "controller/database/schema_digest.h"

namespace controller {

/// Reads an archive without compression inside.  Memory grows with the schema, never with the data.
class ArchiveReader {
 public:
  ArchiveReader();

  /// Before the first bytes.
  void watch(RowWatcher watcher) { watcher_ = std::move(watcher); }

  /// Takes the next bytes, any number of them.  Throws IntegrityError at the first that cannot be.
  void feed(std::string_view bytes);

  [[nodiscard]] bool past_contents() const { return toc_.done(); }

  /// What the table of contents, which was read, says is in the archive: tables without their
  /// totals and sizes, nothing of large objects.
  DumpContents outline();

  /// The end of the archive.  Throws IntegrityError if it is not complete.
  DumpContents finish();

 private:
  enum class Stage { Block, RowChunk, Rows, ObjectOid, ObjectChunk, Object };

  void take_entry(const ArchiveEntry& entry);
  /// Each returns the bytes it used; 0: more are needed.
  std::size_t parse_next(std::string_view bytes);
  std::size_t parse_block(std::string_view bytes);
  std::size_t parse_chunk(std::string_view bytes, Stage content, Stage after);
  std::size_t parse_object(std::string_view bytes);
  std::size_t take_content(std::string_view bytes);
  void begin_block(unsigned char kind, int id);
  void take_rows(std::string_view bytes);
  void end_rows();
  void take_object_bytes(std::string_view bytes);
  void end_object_page();
  [[nodiscard]] std::string place() const;

  struct Expected {
    std::string description;
    DumpedTable table;
    bool arrived = false;
  };

  ArchiveTocParser toc_;
  unsigned int_size_ = 4;
  std::map<int, Expected> expected_;
  SchemaDigest schema_;
  DumpContents contents_;

  Stage stage_ = Stage::Block;
  Expected* current_ = nullptr;
  std::uint64_t chunk_left_ = 0;
  std::string pending_;  // a number that is not whole yet
  CopyChecksum rows_;
  RowWatcher watcher_;

  std::int64_t object_ = 0;  // oid
  std::uint64_t object_page_ = 0;
  std::string object_bytes_;  // of the unfinished page
  CopyChecksum object_pages_;
};

}  // namespace controller
