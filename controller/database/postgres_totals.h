// What the tables of a database hold now, to be compared with what was dumped.
#pragma once

#include <string>
#include <vector>

#include "controller/database/dump_contents.h"
#include "controller/database/postgres_server.h"

namespace controller {

/// How many sessions may work on the server at the same time: one for each of its processors,
/// within reason.
unsigned sessions_for(PostgresServer& server);

/// Those of `tables` that are there, with the totals of the rows that they have now, in any order.
/// Several sessions read them where there is much to read.  Throws DatabaseError.
std::vector<DumpedTable> tables_now(PostgresServer& server, const std::string& database,
                                    std::vector<DumpedTable> tables);

}  // namespace controller
