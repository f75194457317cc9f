// Header and table of contents of a dump in pg_dump's custom format, read as they stream by.
//
// The format, as of archive versions 1.12 (PostgreSQL 10) to 1.16 (17, 18), numbers as in
// pg_backup_archiver.c:
//   header  "PGDMP" major minor revision int_size offset_size format compression(*) 7 ints of a
//           date, texts: database, server version, pg_dump version
//   entries their count, then each: id, has_data, texts: catalogue oid, oid, tag, description;
//           section, texts: definition, drop, copy statement, schema, tablespace, access method
//           (1.14), relkind (int, 1.16), owner, oids, dependencies until an absent text; offset
//   int     sign byte, int_size bytes little-endian        text   int length (-1: absent), bytes
// (*) an int up to 1.14, a byte from 1.15 on.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace controller {

/// Views are valid during the call that delivers them.
struct ArchiveHeader {
  int revision = 0;  // 14 of version 1.14
  unsigned int_size = 4;
  unsigned offset_size = 8;
  std::string_view server_version;
  std::string_view dump_version;
  std::string_view raw;  // all of it, as stored
};

struct ArchiveEntry {
  /// As the archive numbers them.  None: belongs to what comes before it.
  enum class Section { None = 1, PreData = 2, Data = 3, PostData = 4 };

  int id = 0;
  bool has_data = false;
  Section section = Section::None;
  std::string_view tag;          // the object's name: "items"
  std::string_view description;  // its kind: "TABLE DATA"
  std::string_view definition;
  std::string_view copy_statement;
  std::string_view schema;
  std::string_view tablespace;
  std::string_view owner;
  std::vector<int> dependencies;  // ids
  std::string_view raw;           // all of it, as stored
};

/// Reads ints and texts out of bytes that may end anywhere.  Once they have, complete() is false
/// and every value is empty.  Throws IntegrityError at what cannot be.
class ArchiveCursor {
 public:
  ArchiveCursor(std::string_view bytes, unsigned int_size) : bytes_(bytes), int_size_(int_size) {}

  unsigned char byte();
  std::int64_t integer();
  std::optional<std::string_view> text();
  void skip(std::size_t count);

  [[nodiscard]] bool complete() const { return complete_; }
  [[nodiscard]] std::size_t position() const { return position_; }

 private:
  std::string_view take(std::size_t count);

  std::string_view bytes_;
  unsigned int_size_;
  std::size_t position_ = 0;
  bool complete_ = true;
};

/// An int as the archive stores it.
std::string archive_integer(std::int64_t value, unsigned int_size);

class ArchiveTocParser {
 public:
  /// Called once, and once per entry, in their order.
  ArchiveTocParser(std::function<void(const ArchiveHeader&)> on_header,
                   std::function<void(const ArchiveEntry&)> on_entry);

  /// Takes the next bytes; returns what follows the table of contents, which is nothing while
  /// done() is false.  Throws IntegrityError if this is no archive that we can read.
  std::string_view feed(std::string_view bytes);

  [[nodiscard]] bool done() const { return stage_ == Stage::Done; }

 private:
  enum class Stage { Header, Count, Entries, Done };

  std::size_t parse_next(std::string_view bytes);
  std::size_t parse_header(std::string_view bytes);
  std::size_t parse_count(std::string_view bytes);
  std::size_t parse_entry(std::string_view bytes);

  std::function<void(const ArchiveHeader&)> on_header_;
  std::function<void(const ArchiveEntry&)> on_entry_;
  Stage stage_ = Stage::Header;
  int revision_ = 0;
  unsigned int_size_ = 4;
  unsigned offset_size_ = 8;
  std::int64_t entries_left_ = 0;
  std::string pending_;
};

}  // namespace controller
