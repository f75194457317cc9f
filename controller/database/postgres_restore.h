// Loading a validated dump into a new, empty database.
#pragma once

#include <filesystem>
#include <string>

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
};

/// Throws DatabaseError with the program's words if it did not end with 0.  The database is then of
/// no use.
void load_dump(PostgresServer& server, const LoadTask& task);

}  // namespace controller
