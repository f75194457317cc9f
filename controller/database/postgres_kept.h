// A database that an earlier job replaced and kept, on its way back.
#pragma once

#include <memory>
#include <string>

#include "controller/database/database_driver.h"
#include "controller/database/postgres_server.h"

namespace controller {

/// See DatabaseSession::adopt().
std::unique_ptr<StagedDatabase> adopt_kept(std::shared_ptr<PostgresServer> server,
                                           const std::string& database, const std::string& keeper,
                                           const std::string& job);

}  // namespace controller
