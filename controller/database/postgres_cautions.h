// What a restore of a database changes or loses, though nothing stands against it.
#pragma once

#include <string>
#include <vector>

#include "controller/database/postgres_server.h"
#include "controller/snapshot/manifest.h"

namespace controller {

/// See DatabaseSession::cautions().
std::vector<std::string> postgres_cautions(PostgresServer& server, const DatabaseRecord& record);

}  // namespace controller
