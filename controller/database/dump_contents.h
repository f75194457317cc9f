// What reading a dump through finds in it.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/database/copy_checksum.h"

namespace controller {

/// The rows of one table.
struct DumpedTable {
  int id = 0;  // in the archive; of a plain dump 0
  std::string schema;
  std::string name;
  std::string copy_statement;  // "COPY shop.items (id, name) FROM stdin;"
  CopyTotals totals;
  std::uint64_t bytes = 0;  // of its rows

  friend bool operator==(const DumpedTable&, const DumpedTable&) = default;
};

/// Where a sequence is to go on: setval(name, value, called).  `name` is SQL: "shop.items_id_seq".
struct SequenceValue {
  std::string name;
  std::int64_t value = 0;
  bool called = false;

  friend bool operator==(const SequenceValue&, const SequenceValue&) = default;
};

/// Is told the rows of every table as they pass, in pieces, the closing "\." among them.
using RowWatcher = std::function<void(const DumpedTable&, std::string_view)>;

/// `large_object_pages`: as if each page of 2048 bytes were a COPY line "oid<tab>page<tab>\\x…", so
/// that a server can be asked for the same number.  Not counted in plain dumps.
struct DumpContents {
  std::vector<DumpedTable> tables;
  std::vector<SequenceValue> sequences;
  std::uint64_t large_objects = 0;
  CopyTotals large_object_pages;
  std::string schema_sha256;  // of all definitions; the same for every dump of the same schema
  std::string server_version;
  std::string dump_version;  // of pg_dump
  std::set<std::string> tablespaces;
};

}  // namespace controller
