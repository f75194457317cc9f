#include "controller/database/plain_dump_reader.h"

#include <utility>

#include "controller/archive/artifact.h"
#include "controller/database/copy_statement.h"

namespace controller {

namespace {

constexpr std::string_view kComplete = "-- PostgreSQL database dump complete";
// pg_dump writes large objects in pieces of 16 KiB, and nobody writes functions as long.
constexpr std::size_t kLongestLine = std::size_t{256} << 20;

[[noreturn]] void fail(const std::string& what) {
  throw IntegrityError("damaged SQL dump: " + what);
}

/// Lines that differ from dump to dump of the same schema.
bool varies(std::string_view line) {
  return line.starts_with("\\restrict ") || line.starts_with("\\unrestrict ") ||
         line.starts_with("-- Dumped ") || line.starts_with("SELECT pg_catalog.setval(") ||
         line.starts_with("SELECT pg_catalog.lo");
}

}  // namespace

void PlainDumpReader::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (in_rows_) {
      const auto rest = rows_.feed(bytes);
      contents_.tables.back().bytes += bytes.size() - rest.size();
      if (watcher_) {
        watcher_(contents_.tables.back(), bytes.substr(0, bytes.size() - rest.size()));
      }
      bytes = rest;
      if (rows_.ended()) {
        in_rows_ = false;
        contents_.tables.back().totals = rows_.totals();
      }
      continue;
    }
    const auto newline = bytes.find('\n');
    if (newline == std::string_view::npos) {
      line_.append(bytes);
      if (line_.size() > kLongestLine) {
        fail("a line without an end");
      }
      return;
    }
    line_.append(bytes.substr(0, newline));
    bytes.remove_prefix(newline + 1);
    const std::string line = std::exchange(line_, {});
    take_line(line);
  }
}

void PlainDumpReader::take_line(std::string_view line) {
  if (!statement_.empty() || (rows_announced_ && line.starts_with("COPY "))) {
    statement_ += statement_.empty() ? "" : "\n";
    statement_ += line;
    if (is_whole_copy_statement(statement_)) {
      begin_table();
    }
    return;
  }
  if (line == kComplete) {
    complete_ = true;
    return;
  }
  // pg_dump announces every object; a function's body cannot start rows by containing "COPY".
  if (line.starts_with("-- Name: ") || line.starts_with("-- Data for Name: ")) {
    schema_.add(std::exchange(section_, {}));
    rows_announced_ = line.find("; Type: TABLE DATA; ") != std::string_view::npos;
  }
  constexpr std::string_view kFromServer = "-- Dumped from database version ";
  constexpr std::string_view kByTool = "-- Dumped by pg_dump version ";
  if (line.starts_with(kFromServer)) {
    contents_.server_version = line.substr(kFromServer.size());
  } else if (line.starts_with(kByTool)) {
    contents_.dump_version = line.substr(kByTool.size());
  } else if (line.starts_with("SELECT pg_catalog.lo_open('")) {
    ++contents_.large_objects;
  } else if (auto sequence = parse_setval(line)) {
    contents_.sequences.push_back(std::move(*sequence));
  }
  if (!varies(line) && !rows_announced_) {
    section_.append(line);
    section_ += '\n';
  }
}

void PlainDumpReader::begin_table() {
  const auto statement = parse_copy_statement(statement_);
  contents_.tables.push_back({0, statement.schema, statement.table, statement_, {}});
  statement_.clear();
  rows_announced_ = false;
  rows_.reset();
  in_rows_ = true;
}

DumpContents PlainDumpReader::finish() {
  if (in_rows_ || !statement_.empty()) {
    fail("it ends within the rows" +
         (contents_.tables.empty() ? std::string() : " of " + contents_.tables.back().name));
  }
  if (!complete_) {
    fail("its closing line is missing: it was cut");
  }
  schema_.add(section_);
  contents_.schema_sha256 = schema_.hex();
  return std::move(contents_);
}

}  // namespace controller
