#include "controller/database/archive_reader.h"

#include <algorithm>
#include <utility>

#include "controller/archive/artifact.h"
#include "controller/database/copy_statement.h"

namespace controller {

namespace {

constexpr unsigned char kRowBlock = 1;
constexpr unsigned char kLargeObjectBlock = 3;
constexpr std::size_t kObjectPage = 2048;  // LOBLKSIZE of servers with 8 KiB blocks

[[noreturn]] void fail(const std::string& what) {
  throw IntegrityError("damaged pg_dump archive: " + what);
}

/// Definitions that differ from dump to dump of the same schema: data, names of databases.
bool describes_schema(const ArchiveEntry& entry) {
  const std::string_view kind = entry.description;
  return !kind.starts_with("DATABASE") && !kind.starts_with("BLOB") && kind != "SEQUENCE SET" &&
         kind != "STATISTICS DATA" && kind != "TABLE DATA" && kind != "SEARCHPATH";
}

}  // namespace

ArchiveReader::ArchiveReader()
    : toc_(
          [this](const ArchiveHeader& header) {
            int_size_ = header.int_size;
            contents_.server_version = header.server_version;
            contents_.dump_version = header.dump_version;
          },
          [this](const ArchiveEntry& entry) { take_entry(entry); }) {}

void ArchiveReader::take_entry(const ArchiveEntry& entry) {
  if (!entry.tablespace.empty()) {
    contents_.tablespaces.emplace(entry.tablespace);
  }
  if (describes_schema(entry)) {
    std::string text;
    for (const auto part :
         {entry.description, entry.schema, entry.tag, entry.definition, entry.owner}) {
      text.append(part);
      text += '\0';
    }
    schema_.add(text);
  }
  if (entry.description == "SEQUENCE SET") {
    if (auto sequence = parse_setval(entry.definition)) {
      contents_.sequences.push_back(std::move(*sequence));
    }
  }
  if (!entry.has_data) {
    return;
  }
  Expected expected;
  expected.description = entry.description;
  expected.table.id = entry.id;
  expected.table.schema = entry.schema;
  expected.table.name = entry.tag;
  expected.table.copy_statement = entry.copy_statement;
  if (expected.description == "TABLE DATA" && entry.copy_statement.empty()) {
    fail("the rows of " + expected.table.name + " are not in COPY format");
  }
  if (!expected_.emplace(entry.id, std::move(expected)).second) {
    fail("two entries of number " + std::to_string(entry.id));
  }
}

void ArchiveReader::feed(std::string_view bytes) {
  bytes = toc_.feed(bytes);
  if (!toc_.done()) {
    return;
  }
  std::string joined;
  if (!pending_.empty()) {
    joined = std::move(pending_);
    joined.append(bytes);
    bytes = joined;
    pending_.clear();
  }
  while (!bytes.empty()) {
    const std::size_t used = parse_next(bytes);
    if (used == 0) {
      break;
    }
    bytes.remove_prefix(used);
  }
  pending_.assign(bytes);
}

std::size_t ArchiveReader::parse_next(std::string_view bytes) {
  switch (stage_) {
    case Stage::Block:
      return parse_block(bytes);
    case Stage::RowChunk:
      return parse_chunk(bytes, Stage::Rows, Stage::Block);
    case Stage::ObjectOid:
      return parse_object(bytes);
    case Stage::ObjectChunk:
      return parse_chunk(bytes, Stage::Object, Stage::ObjectOid);
    case Stage::Rows:
    case Stage::Object:
      break;
  }
  return take_content(bytes);
}

std::size_t ArchiveReader::parse_block(std::string_view bytes) {
  ArchiveCursor cursor(bytes, int_size_);
  const unsigned char kind = cursor.byte();
  const auto id = static_cast<int>(cursor.integer());
  if (!cursor.complete()) {
    return 0;
  }
  begin_block(kind, id);
  return cursor.position();
}

void ArchiveReader::begin_block(unsigned char kind, int id) {
  const auto found = expected_.find(id);
  if ((kind != kRowBlock && kind != kLargeObjectBlock) || found == expected_.end()) {
    fail("data of no entry" + place());
  }
  current_ = &found->second;
  if (current_->arrived) {
    fail("the data of " + current_->table.name + " comes twice");
  }
  const bool table = current_->description == "TABLE DATA";
  if (table != (kind == kRowBlock)) {
    fail("data of another kind than " + current_->description);
  }
  rows_.reset();
  stage_ = table ? Stage::RowChunk : Stage::ObjectOid;
}

std::size_t ArchiveReader::parse_chunk(std::string_view bytes, Stage content, Stage after) {
  ArchiveCursor cursor(bytes, int_size_);
  const std::int64_t length = cursor.integer();
  if (!cursor.complete()) {
    return 0;
  }
  if (length < 0) {
    fail("a chunk of negative length" + place());
  }
  chunk_left_ = static_cast<std::uint64_t>(length);
  if (length > 0) {
    stage_ = content;
    return cursor.position();
  }
  if (content == Stage::Rows) {
    end_rows();
  } else {
    end_object_page();
  }
  stage_ = after;
  return cursor.position();
}

std::size_t ArchiveReader::parse_object(std::string_view bytes) {
  ArchiveCursor cursor(bytes, int_size_);
  object_ = cursor.integer();
  if (!cursor.complete()) {
    return 0;
  }
  // Oids above 2^31 are stored as negative numbers.
  object_ = static_cast<std::int64_t>(static_cast<std::uint32_t>(object_));
  object_page_ = 0;
  if (object_ == 0) {
    current_->arrived = true;
    stage_ = Stage::Block;
  } else {
    ++contents_.large_objects;
    stage_ = Stage::ObjectChunk;
  }
  return cursor.position();
}

std::size_t ArchiveReader::take_content(std::string_view bytes) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, bytes.size()));
  chunk_left_ -= size;
  if (stage_ == Stage::Rows) {
    take_rows(bytes.substr(0, size));
  } else {
    take_object_bytes(bytes.substr(0, size));
  }
  if (chunk_left_ == 0) {
    stage_ = stage_ == Stage::Rows ? Stage::RowChunk : Stage::ObjectChunk;
  }
  return size;
}

void ArchiveReader::take_rows(std::string_view bytes) {
  if (!rows_.ended()) {
    const auto rest = rows_.feed(bytes);
    current_->table.bytes += bytes.size() - rest.size();
    if (watcher_) {
      watcher_(current_->table, bytes.substr(0, bytes.size() - rest.size()));
    }
    bytes = rest;
  }
  if (bytes.find_first_not_of('\n') != std::string_view::npos) {
    fail("something follows the rows" + place());
  }
}

void ArchiveReader::end_rows() {
  if (!rows_.ended()) {
    fail("the rows end early" + place());
  }
  current_->table.totals = rows_.totals();
  current_->arrived = true;
}

void ArchiveReader::take_object_bytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), kObjectPage - object_bytes_.size());
    object_bytes_.append(bytes.substr(0, size));
    bytes.remove_prefix(size);
    if (object_bytes_.size() == kObjectPage) {
      end_object_page();
    }
  }
}

void ArchiveReader::end_object_page() {
  if (object_bytes_.empty()) {
    return;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string line = std::to_string(object_) + '\t' + std::to_string(object_page_) + "\t\\\\x";
  for (const char one : object_bytes_) {
    const auto byte = static_cast<unsigned char>(one);
    line += kDigits[byte >> 4U];
    line += kDigits[byte & 0xfU];
  }
  line += '\n';
  object_pages_.feed(line);
  object_bytes_.clear();
  ++object_page_;
}

std::string ArchiveReader::place() const {
  return current_ == nullptr ? ""
                             : " (at " + current_->description + " " + current_->table.name + ")";
}

DumpContents ArchiveReader::outline() {
  for (auto& [id, expected] : expected_) {
    if (expected.description == "TABLE DATA") {
      contents_.tables.push_back(std::move(expected.table));
    }
  }
  contents_.schema_sha256 = schema_.hex();
  return std::move(contents_);
}

DumpContents ArchiveReader::finish() {
  if (!toc_.done()) {
    fail("it ends within its table of contents");
  }
  if (stage_ != Stage::Block || !pending_.empty()) {
    fail("it ends within data" + place());
  }
  for (const auto& [id, expected] : expected_) {
    if (!expected.arrived) {
      fail("it ends before the data of " + expected.description + " " + expected.table.name);
    }
  }
  contents_.large_object_pages = object_pages_.totals();
  return outline();
}

}  // namespace controller
