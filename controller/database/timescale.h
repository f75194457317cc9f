// TimescaleDB's own way of being restored.
//
// Its catalogue is restored by the very version that was dumped, between two functions of its own,
// by one session; then its workers, which a rename leaves stopped, are started.  Restored data is
// often older than a retention policy allows, so these come back unscheduled.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/database/postgres_server.h"
#include "controller/snapshot/manifest.h"

namespace controller {

/// The extension, if the database uses it.
std::optional<ExtensionRecord> timescale_of(const DatabaseRecord& record);

/// The definition that creates it in the version that was dumped; pg_dump's own names none.
std::string pinned_definition(const ExtensionRecord& timescale);

/// What stands against restoring such a database here.  Touches nothing.
std::vector<std::string> timescale_objections(SqlConnection& connection,
                                              const DatabaseRecord& record, bool superuser);

/// Before the load, once the extension exists in `database`: no workers, no checks of its own.
void before_timescale_load(PostgresServer& server, const std::string& database,
                           const ExtensionRecord& timescale);

/// After the load: checks of its own again, still no workers, and no retention policy scheduled.
/// Says which of them were, and the SQL that schedules each again.
std::vector<std::string> after_timescale_load(PostgresServer& server, const std::string& database,
                                              const DatabaseRecord& record);

/// Starts the workers of the live `database`, if it has TimescaleDB; to be called after every swap.
/// Says what did not work, and the SQL for it.
std::vector<std::string> start_timescale_workers(PostgresServer& server,
                                                 const std::string& database);

/// Whether a table's rows may differ from the dump's: the policies that after_timescale_load() held
/// are in it, or what the server notes about itself.
bool timescale_may_change(const std::string& schema, const std::string& table);

}  // namespace controller
