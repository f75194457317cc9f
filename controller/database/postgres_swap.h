// Putting a restored database in the place of the live one, and back.
//
// A swap leaves marks on the server, in the same transactions as what they describe: the setting
// "cofferdam.swap" of a database is "<job>:staged:<live name>" or "<job>:live:<live name>".  So a
// crash can be cleaned up after from the server's own catalogue, whatever the names were cut to.
// Until the job is over, a database that it has made live says "<job>:new:<live name>", or
// "<job>:kept-<earlier job>:<live name>" if an earlier job had kept it.
#pragma once

#include <string>
#include <vector>

#include "controller/database/postgres_server.h"

namespace controller {

struct SwapNames {
  std::string live;
  std::string staged;  // empty: nothing takes the live one's place
  std::string previous;
  std::string job;
  // The earlier job that kept what is called `staged`; empty: it was restored by this one.
  std::string keeper = {};
};

/// Names for a restore of `database` by `job`, within PostgreSQL's 63 bytes.
SwapNames swap_names(const std::string& database, const std::string& job);

/// Names for going back to what `keeper` replaced and kept.
SwapNames kept_names(const std::string& database, const std::string& keeper,
                     const std::string& job);

bool database_exists(PostgresServer& server, const std::string& name);

/// SQL that marks the database `name` as `role` ("staged" or "live") of the swap.
std::string mark_statement(const std::string& name, const SwapNames& names,
                           const std::string& role);

/// The staged database takes the live one's name; the live one, if there is one,
/// is kept as `previous`, without connections.  Sessions of both are ended.  Throws DatabaseError;
/// then the live one is what and where it was.
void swap_in(PostgresServer& server, const SwapNames& names);

/// The reverse; also of a swap_in() that threw, or of which nobody knows whether it happened.
void swap_out(PostgresServer& server, const SwapNames& names);

/// Drops the database `name` with its sessions and subscriptions; a missing one is no error.
void drop_database(PostgresServer& server, const std::string& name);

/// See DatabaseSession::swapped().
bool is_swapped(PostgresServer& server, const std::string& job);

/// See DatabaseSession::recover().
std::vector<std::string> recover_swaps(PostgresServer& server, const std::string& job);

/// See DatabaseSession::keep().
void keep_swaps(PostgresServer& server, const std::string& job);

}  // namespace controller
