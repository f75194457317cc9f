// Foreign keys that the rows of a table are subject to, from either side.
#pragma once

#include <string>
#include <vector>

#include "controller/database/sql_link.h"

namespace controller {

struct ForeignKey {
  std::string name;
  std::string table;       // that refers, as SQL
  std::string referenced;  // as SQL
  bool outgoing = false;   // of the table that was asked about
  std::string dangling;    // a SELECT that counts the rows which refer to nothing
};

/// Validated ones of the table with this oid, of tables that refer to it, and of the partitioned
/// tables that it is a part of.
std::vector<ForeignKey> foreign_keys(SqlConnection& connection, const std::string& oid);

}  // namespace controller
