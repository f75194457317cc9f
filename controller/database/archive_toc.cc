#include "controller/database/archive_toc.h"

#include <array>
#include <charconv>
#include <utility>

#include "controller/archive/artifact.h"

namespace controller {

namespace {

constexpr std::string_view kMagic = "PGDMP";
constexpr int kOldestRevision = 12;
constexpr int kNewestRevision = 16;
constexpr int kRevisionWithAccessMethod = 14;
constexpr int kRevisionWithCompressionByte = 15;
constexpr int kRevisionWithRelkind = 16;
constexpr unsigned char kCustomFormat = 1;
constexpr int kDateFields = 7;
// No definition is as long, and no schema has as many objects; damaged lengths often are.
constexpr std::int64_t kLongestText = std::int64_t{512} << 20;
constexpr std::int64_t kMostEntries = 100'000'000;

[[noreturn]] void fail(const std::string& what) {
  throw IntegrityError("not a readable pg_dump archive: " + what);
}

std::string_view or_empty(const std::optional<std::string_view>& text) {
  return text.value_or(std::string_view());
}

}  // namespace

std::string_view ArchiveCursor::take(std::size_t count) {
  if (!complete_ || bytes_.size() - position_ < count) {
    complete_ = false;
    return {};
  }
  const auto taken = bytes_.substr(position_, count);
  position_ += count;
  return taken;
}

void ArchiveCursor::skip(std::size_t count) {
  take(count);
}

unsigned char ArchiveCursor::byte() {
  const auto taken = take(1);
  return taken.empty() ? static_cast<unsigned char>(0) : static_cast<unsigned char>(taken[0]);
}

std::int64_t ArchiveCursor::integer() {
  const auto taken = take(1 + int_size_);
  if (taken.empty()) {
    return 0;
  }
  if (static_cast<unsigned char>(taken[0]) > 1) {
    fail("a number with an impossible sign");
  }
  std::uint64_t value = 0;
  for (std::size_t at = int_size_; at > 0; --at) {
    value = value << 8U | static_cast<unsigned char>(taken[at]);
  }
  if (value > 0x80000000U) {
    fail("a number that is too large");
  }
  const auto number = static_cast<std::int64_t>(value);
  return taken[0] == 1 ? -number : number;
}

std::optional<std::string_view> ArchiveCursor::text() {
  const std::int64_t length = integer();
  if (!complete_ || length < 0) {
    return std::nullopt;
  }
  if (length > kLongestText) {
    fail("a text of " + std::to_string(length) + " bytes");
  }
  return take(static_cast<std::size_t>(length));
}

std::string archive_integer(std::int64_t value, unsigned int_size) {
  std::string bytes(1, value < 0 ? '\1' : '\0');
  auto magnitude = static_cast<std::uint64_t>(value < 0 ? -value : value);
  for (unsigned at = 0; at < int_size; ++at) {
    bytes += static_cast<char>(magnitude & 0xffU);
    magnitude >>= 8U;
  }
  return bytes;
}

ArchiveTocParser::ArchiveTocParser(std::function<void(const ArchiveHeader&)> on_header,
                                   std::function<void(const ArchiveEntry&)> on_entry)
    : on_header_(std::move(on_header)), on_entry_(std::move(on_entry)) {}

std::string_view ArchiveTocParser::feed(std::string_view bytes) {
  if (done()) {
    return bytes;
  }
  pending_.append(bytes);
  std::size_t at = 0;
  while (!done()) {
    const std::size_t used = parse_next(std::string_view(pending_).substr(at));
    if (used == 0) {
      break;
    }
    at += used;
  }
  if (done()) {
    // What is left of `pending_` came with these bytes: an item is parsed as soon as it is whole.
    return bytes.substr(bytes.size() - (pending_.size() - at));
  }
  pending_.erase(0, at);
  return {};
}

std::size_t ArchiveTocParser::parse_next(std::string_view bytes) {
  switch (stage_) {
    case Stage::Header:
      return parse_header(bytes);
    case Stage::Count:
      return parse_count(bytes);
    case Stage::Entries:
      return parse_entry(bytes);
    case Stage::Done:
      break;
  }
  return 0;
}

std::size_t ArchiveTocParser::parse_header(std::string_view bytes) {
  if (!kMagic.starts_with(bytes.substr(0, kMagic.size()))) {
    fail("it begins otherwise");
  }
  constexpr std::size_t kFixedBytes = 11;
  if (bytes.size() < kFixedBytes) {
    return 0;
  }
  const auto number = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  revision_ = number(6);
  int_size_ = number(8);
  offset_size_ = number(9);
  if (number(5) != 1 || revision_ < kOldestRevision || revision_ > kNewestRevision) {
    fail("format version " + std::to_string(number(5)) + "." + std::to_string(revision_) +
         " is not known");
  }
  if (int_size_ < 4 || int_size_ > 8 || offset_size_ < 4 || offset_size_ > 8) {
    fail("impossible number sizes");
  }
  if (number(10) != kCustomFormat) {
    fail("it is not of the custom format");
  }
  ArchiveCursor cursor(bytes, int_size_);
  cursor.skip(kFixedBytes);
  const std::int64_t compression =
      revision_ >= kRevisionWithCompressionByte ? cursor.byte() : cursor.integer();
  if (compression != 0) {
    fail("its data is compressed inside");
  }
  for (int field = 0; field < kDateFields; ++field) {
    cursor.integer();
  }
  cursor.text();  // the database's name
  ArchiveHeader header;
  header.server_version = or_empty(cursor.text());
  header.dump_version = or_empty(cursor.text());
  if (!cursor.complete()) {
    return 0;
  }
  header.revision = revision_;
  header.int_size = int_size_;
  header.offset_size = offset_size_;
  header.raw = bytes.substr(0, cursor.position());
  on_header_(header);
  stage_ = Stage::Count;
  return cursor.position();
}

std::size_t ArchiveTocParser::parse_count(std::string_view bytes) {
  ArchiveCursor cursor(bytes, int_size_);
  entries_left_ = cursor.integer();
  if (!cursor.complete()) {
    return 0;
  }
  if (entries_left_ < 0 || entries_left_ > kMostEntries) {
    fail("a table of contents of " + std::to_string(entries_left_) + " entries");
  }
  stage_ = entries_left_ == 0 ? Stage::Done : Stage::Entries;
  return cursor.position();
}

std::size_t ArchiveTocParser::parse_entry(std::string_view bytes) {
  ArchiveCursor cursor(bytes, int_size_);
  ArchiveEntry entry;
  entry.id = static_cast<int>(cursor.integer());
  entry.has_data = cursor.integer() != 0;
  cursor.text();  // oid of the catalogue
  cursor.text();  // oid in it
  entry.tag = or_empty(cursor.text());
  entry.description = or_empty(cursor.text());
  const auto section = cursor.integer();
  entry.definition = or_empty(cursor.text());
  cursor.text();  // how to drop it
  entry.copy_statement = or_empty(cursor.text());
  entry.schema = or_empty(cursor.text());
  entry.tablespace = or_empty(cursor.text());
  if (revision_ >= kRevisionWithAccessMethod) {
    cursor.text();
  }
  if (revision_ >= kRevisionWithRelkind) {
    cursor.integer();
  }
  entry.owner = or_empty(cursor.text());
  cursor.text();  // whether it has oids
  for (auto other = cursor.text(); other && cursor.complete(); other = cursor.text()) {
    int id = 0;
    std::from_chars(other->data(), other->data() + other->size(), id);
    entry.dependencies.push_back(id);
  }
  cursor.skip(1 + offset_size_);
  if (!cursor.complete()) {
    return 0;
  }
  if (entry.id <= 0) {
    fail("an entry without a number");
  }
  if (section >= static_cast<int>(ArchiveEntry::Section::PreData) &&
      section <= static_cast<int>(ArchiveEntry::Section::PostData)) {
    entry.section = static_cast<ArchiveEntry::Section>(section);
  }
  entry.raw = bytes.substr(0, cursor.position());
  on_entry_(entry);
  if (--entries_left_ == 0) {
    stage_ = Stage::Done;
  }
  return cursor.position();
}

}  // namespace controller
