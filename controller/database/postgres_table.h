// The rows of one table of a dump, put into the live database.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "controller/database/database_driver.h"
#include "controller/database/postgres_server.h"

namespace controller {

/// See DatabaseSession::restore_table().
RestoredTable restore_postgres_table(PostgresServer& server, const DatabaseRecord& record,
                                     const std::filesystem::path& snapshot_directory,
                                     const std::string& table, const std::stop_token& stop);

}  // namespace controller
