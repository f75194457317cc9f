// What a PostgreSQL server and one of its databases are, read from their catalogues.
#pragma once

#include <string>
#include <vector>

#include "controller/database/database_driver.h"
#include "controller/database/dump_contents.h"
#include "controller/database/sql_link.h"

namespace controller {

/// A table that pg_dump reads rows from, or the root of a partitioned one, which has none.
struct PostgresTable {
  std::string oid;
  std::string schema;
  std::string name;
  bool partitioned = false;
  bool of_extension = false;
  bool dumped = true;     // false: its rows come with its extension
  std::string condition;  // "WHERE …": the rows of an extension's table that are the user's

  friend bool operator==(const PostgresTable&, const PostgresTable&) = default;
};

/// Ordinary and partitioned tables outside the system's schemas that we may read, ordered by oid.
std::vector<PostgresTable> postgres_tables(SqlConnection& connection);

/// The record of the connected database but for rows, dump and artifact.
DatabaseRecord database_record(SqlConnection& connection, const std::string& database);

/// Rows of each dumped table, in their order, as the connection's snapshot shows them.
std::vector<TableRecord> counted(SqlConnection& connection,
                                 const std::vector<PostgresTable>& tables);

/// All roles but the predefined ones, as JSON, without passwords.
std::string roles_json(SqlConnection& connection);

/// What is wrong with a dump in which `found` was read, if `tables` and `large_objects` are what
/// the same snapshot showed.  Tables of extensions may be absent.
std::vector<std::string> disagreements(const DumpContents& found,
                                       const std::vector<TableRecord>& tables,
                                       std::uint64_t large_objects);

}  // namespace controller
