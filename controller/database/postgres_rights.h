// What the user that we log in as may not do, although a restore needs it.
#pragma once

#include <string>
#include <vector>

#include "controller/database/postgres_server.h"
#include "controller/snapshot/manifest.h"

namespace controller {

/// A sentence for each; none for a superuser.  Touches nothing.
std::vector<std::string> missing_rights(PostgresServer& server, SqlConnection& connection,
                                        const DatabaseRecord& record,
                                        const ServerRecord& recorded_server);

}  // namespace controller
