// What stands against restoring a database on a server.
#pragma once

#include <string>
#include <vector>

#include "controller/database/postgres_server.h"
#include "controller/snapshot/manifest.h"

namespace controller {

/// See DatabaseSession::objections().  `data_directory` is where the server's files are, for its
/// free space.
std::vector<std::string> postgres_objections(PostgresServer& server,
                                             const std::string& data_directory,
                                             const DatabaseRecord& record,
                                             const ServerRecord& recorded_server);

/// "Available" of `df -Pk`, in bytes; 0 if the text is none of its answers.
std::uint64_t free_bytes_of_df(const std::string& text);

}  // namespace controller
