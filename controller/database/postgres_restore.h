// Loading a validated dump into a new, empty database.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "controller/database/archive_filter.h"
#include "controller/database/database_driver.h"
#include "controller/database/postgres_server.h"

namespace controller {

/// Which entries one run of pg_restore sees.
/// Foundations and Rest are two halves of one load, for schemas whose functions count on a
/// search_path: extensions may change it while they are created, so they come first and alone.
enum class RestorePhase { Everything, Foundations, Rest };

/// What becomes of an entry.  Left out is what a new database has already or what an ordinary user
/// may not set, both harmless.  `search_path` is for the phase Rest.
EntryFate fate_of(const ArchiveEntry& entry, RestorePhase phase, bool superuser,
                  const std::string& search_path);

struct LoadTask {
  std::string database;
  std::filesystem::path file;
  DumpFormat format = DumpFormat::Custom;
  bool keep_tablespaces = false;
  /// Absent: pg_dump's own, which is empty.
  std::optional<std::string> search_path;
  /// If the database uses it; see timescale.h for what is to come after the load.
  std::optional<ExtensionRecord> timescale;
  /// How many sessions may load at the same time, and the rows' bytes by the archive's ids.
  unsigned sessions = 1;
  std::map<int, std::uint64_t> bytes;
};

/// An event trigger as it is to be while the database is made: its definition, then disabled.
std::string disabled_event_trigger(const ArchiveEntry& entry);

/// What it is to be in the end, as SQL.
std::string event_trigger_state(const ArchiveEntry& entry);

/// Returns the SQL that is to run when everything else is done.  Throws DatabaseError with the
/// program's words if it did not end with 0; the database is then of no use.
std::vector<std::string> load_dump(PostgresServer& server, const LoadTask& task);

}  // namespace controller
