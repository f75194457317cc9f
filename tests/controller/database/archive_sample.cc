#include "tests/controller/database/archive_sample.h"

#include <algorithm>

#include "controller/database/archive_toc.h"

namespace controller {

namespace {

constexpr unsigned kIntSize = 4;
constexpr std::size_t kOffsetSize = 8;

std::string integer(std::int64_t value) {
  return archive_integer(value, kIntSize);
}

std::string text(const std::string& value) {
  return integer(static_cast<std::int64_t>(value.size())) + value;
}

/// As pg_dump writes what is not there.
std::string optional_text(const std::string& value) {
  return value.empty() ? integer(-1) : text(value);
}

std::string stored(const SampleEntry& entry, int revision) {
  std::string bytes = integer(entry.id) + integer(entry.has_data ? 1 : 0) + text("1259") +
                      text("16385") + text(entry.tag) + text(entry.description) + integer(3) +
                      optional_text(entry.definition) + text("") +
                      optional_text(entry.copy_statement) + optional_text(entry.schema) +
                      optional_text(entry.tablespace);
  bytes += revision >= 14 ? optional_text("") : "";
  bytes += revision >= 16 ? integer('r') : "";
  bytes += text("boss") + text("false") + text("7") + text("8") + integer(-1);
  return bytes + (entry.has_data ? '\1' : '\3') + std::string(kOffsetSize, '\0');
}

}  // namespace

ArchiveSample& ArchiveSample::entry(SampleEntry entry) {
  entries_.push_back(std::move(entry));
  return *this;
}

ArchiveSample& ArchiveSample::table(int id, const std::string& name, const std::string& rows,
                                    std::size_t chunk) {
  entry({id, true, name, "TABLE DATA", "", "COPY public." + name + " (a) FROM stdin;\n"});
  data_ += '\1' + integer(id);
  const std::string all = rows + "\\.\n\n\n";
  for (std::size_t at = 0; at < all.size(); at += chunk) {
    data_ += text(all.substr(at, chunk));
  }
  data_ += integer(0);
  return *this;
}

ArchiveSample& ArchiveSample::large_objects(
    int id, const std::vector<std::pair<std::int64_t, std::string>>& all) {
  entry({id, true, "BLOBS", "BLOBS"});
  data_ += '\3' + integer(id);
  for (const auto& [oid, content] : all) {
    data_ += integer(oid) + text(content) + integer(0);
  }
  data_ += integer(0);
  return *this;
}

ArchiveSample& ArchiveSample::compressed(int level) {
  compression_ = level;
  return *this;
}

std::string ArchiveSample::bytes() const {
  std::string all = "PGDMP";
  all += '\1';
  all += static_cast<char>(revision_);
  all += '\0';
  all += static_cast<char>(kIntSize);
  all += static_cast<char>(kOffsetSize);
  all += '\1';
  all += revision_ >= 15 ? std::string(1, static_cast<char>(compression_)) : integer(compression_);
  for (const int part : {1, 2, 3, 4, 5, 126, 0}) {
    all += integer(part);
  }
  all += text("app") + text("15.8") + text("15.9");
  all += integer(static_cast<std::int64_t>(entries_.size()));
  for (const auto& entry : entries_) {
    all += stored(entry, revision_);
  }
  return all + data_;
}

}  // namespace controller
