// Restoring a dump into a new database beside the live one.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "controller/database/database_driver.h"
#include "controller/database/postgres_server.h"

namespace controller {

/// See DatabaseSession::stage().
std::unique_ptr<StagedDatabase> stage_postgres(std::shared_ptr<PostgresServer> server,
                                               const DatabaseRecord& record,
                                               const ServerRecord& recorded_server,
                                               const std::filesystem::path& snapshot_directory,
                                               const std::string& job);

}  // namespace controller
