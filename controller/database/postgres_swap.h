// Putting a restored database in the place of the live one, and back.
//
// A swap leaves marks on the server, in the same transactions as what they describe: the setting
// "cofferdam.swap" of a database is "<job>:staged:<live name>" or "<job>:live:<live name>".  So a
// crash can be cleaned up after from the server's own catalogue, whatever the names were cut to.
#pragma once

#include <string>
#include <vector>

#include "controller/database/postgres_server.h"

namespace controller {

struct SwapNames {
  std::string live;
  std::string staged;
  std::string previous;
  std::string job;
};

/// Names for a restore of `database` by `job`, within PostgreSQL's 63 bytes.
SwapNames swap_names(const std::string& database, const std::string& job);

/// SQL that marks the database `name` as `role` ("staged" or "live") of the swap.
std::string mark_statement(const std::string& name, const SwapNames& names,
                           const std::string& role);

/// The staged database takes the live one's name; the live one, if there is one, is kept as
/// `previous`, without connections.  Sessions of both are ended.  Throws DatabaseError; then the
/// live one is what and where it was.
void swap_in(PostgresServer& server, const SwapNames& names);

/// The reverse.
void swap_out(PostgresServer& server, const SwapNames& names);

/// Drops the database `name` with its sessions and subscriptions; a missing one is no error.
void drop_database(PostgresServer& server, const std::string& name);

/// See DatabaseSession::recover().
std::vector<std::string> recover_swaps(PostgresServer& server, const std::string& job);

/// See DatabaseSession::keep().
std::vector<std::string> keep_swaps(PostgresServer& server, const std::string& job);

}  // namespace controller
