// The statement with which a dump announces the rows of a table.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/database/dump_contents.h"

namespace controller {

/// "COPY schema.table (columns) FROM stdin;", names unquoted, columns as they stand: "(a, "b c")",
/// empty for a table without columns.
struct CopyStatement {
  std::string schema;
  std::string table;
  std::string columns;

  friend bool operator==(const CopyStatement&, const CopyStatement&) = default;
};

/// True once `text` has the end of such a statement; a quoted name may hold newlines.
bool is_whole_copy_statement(std::string_view text);

/// Throws IntegrityError if the text is no such statement.
CopyStatement parse_copy_statement(std::string_view text);

/// Its columns, unquoted, in their order.
std::vector<std::string> column_names(const CopyStatement& statement);

/// "SELECT pg_catalog.setval('shop.items_id_seq', 41, true);" as a dump has it; nothing if it is
/// another statement.
std::optional<SequenceValue> parse_setval(std::string_view text);

/// COPY … TO STDOUT that yields the same lines as the dump; `condition` ("WHERE …") for tables of
/// which only some rows are dumped.
std::string copy_out_statement(const CopyStatement& statement, const std::string& condition);

}  // namespace controller
