#include "controller/database/dump_reader.h"

#include <map>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "controller/archive/artifact.h"
#include "controller/archive/frame_reader.h"
#include "controller/database/archive_reader.h"
#include "controller/database/plain_dump_reader.h"
#include "controller/database/postgres_inventory.h"

namespace controller {

namespace {

constexpr unsigned kThreads = 2;
constexpr std::size_t kPiece = std::size_t{1} << 20U;

}  // namespace

struct DumpStream::Readers {
  std::optional<ArchiveReader> archive;
  std::optional<PlainDumpReader> plain;
};

DumpStream::DumpStream(DumpFormat format) : readers_(std::make_unique<Readers>()) {
  if (format == DumpFormat::Custom) {
    readers_->archive.emplace();
  } else {
    readers_->plain.emplace();
  }
}

DumpStream::~DumpStream() = default;

void DumpStream::watch(RowWatcher watcher) {
  if (readers_->archive) {
    readers_->archive->watch(std::move(watcher));
  } else {
    readers_->plain->watch(std::move(watcher));
  }
}

void DumpStream::feed(std::string_view bytes) {
  if (readers_->archive) {
    readers_->archive->feed(bytes);
  } else {
    readers_->plain->feed(bytes);
  }
}

DumpContents DumpStream::finish() {
  return readers_->archive ? readers_->archive->finish() : readers_->plain->finish();
}

DumpFormat dump_format(const DatabaseRecord& record) {
  if (record.engine == "postgres" && record.format == "custom") {
    return DumpFormat::Custom;
  }
  if (record.engine == "postgres" && record.format == "plain") {
    return DumpFormat::Plain;
  }
  throw DatabaseError("the dump of " + record.name + " has the unknown format \"" + record.engine +
                      " " + record.format + "\"");
}

namespace {

void expect_digest(const DatabaseRecord& record, const std::string& sha256) {
  if (sha256 != record.artifact.sha256) {
    throw IntegrityError("sha256 differs: it is " + sha256);
  }
}

void expect_digest(const DatabaseRecord& record, const std::filesystem::path& file) {
  HashedFile stored(file.string());
  std::vector<char> piece(kPiece);
  while (stored.read(piece.data(), piece.size()) > 0) {
  }
  expect_digest(record, stored.sha256());
}

DumpContents outline_of(const std::filesystem::path& file) {
  ArchiveReader reader;
  ArtifactSource source(file, 1);
  for (auto bytes = source.read(); !bytes.empty() && !reader.past_contents();
       bytes = source.read()) {
    reader.feed(bytes);
  }
  return reader.outline();
}

}  // namespace

DumpContents contents_of(const DatabaseRecord& record, const std::filesystem::path& file) {
  DumpStream stream(dump_format(record));
  ArtifactSource source(file, kThreads);
  for (auto bytes = source.read(); !bytes.empty(); bytes = source.read()) {
    stream.feed(bytes);
  }
  expect_digest(record, source.finish().sha256);
  return stream.finish();
}

DumpContents validated_contents(const DatabaseRecord& record, const std::filesystem::path& file) {
  auto contents = contents_of(record, file);
  const auto wrong = disagreements(contents, record.tables, record.large_objects);
  if (!wrong.empty()) {
    throw IntegrityError("the dump of " + record.name +
                         " is not what was recorded: " + wrong.front());
  }
  return contents;
}

std::optional<DumpContents> outlined_contents(const DatabaseRecord& record,
                                              const std::filesystem::path& file) {
  using Name = std::pair<std::string_view, std::string_view>;
  std::map<Name, std::uint64_t> sizes;
  for (const auto& table : record.tables) {
    if (table.bytes) {
      sizes[{table.schema, table.name}] = *table.bytes;
    }
  }
  if (dump_format(record) != DumpFormat::Custom || record.large_objects > 0 ||
      sizes.size() != record.tables.size()) {
    return std::nullopt;
  }
  expect_digest(record, file);
  auto contents = outline_of(file);
  for (auto& table : contents.tables) {
    const auto size = sizes.find({table.schema, table.name});
    if (size == sizes.end()) {
      throw IntegrityError("the dump of " + record.name + " is not what was recorded: table " +
                           table.schema + "." + table.name + " was not expected");
    }
    table.bytes = size->second;
  }
  return contents;
}

std::vector<Finding> read_dump(const DatabaseRecord& record, const std::filesystem::path& file) {
  std::vector<Finding> findings;
  const auto add = [&](const std::string& text) {
    findings.push_back({record.artifact.path, text});
  };
  try {
    const auto contents = contents_of(record, file);
    for (const auto& text : disagreements(contents, record.tables, record.large_objects)) {
      add(text);
    }
  } catch (const IntegrityError& error) {
    add(error.what());
  } catch (const DatabaseError& error) {
    add(error.what());
  } catch (const std::system_error& error) {
    add(error.what());
  }
  return findings;
}

}  // namespace controller
