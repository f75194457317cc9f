#include "controller/database/postgres_session.h"

#include <utility>

#include "controller/archive/artifact.h"
#include "controller/database/postgres_cautions.h"
#include "controller/database/postgres_inventory.h"
#include "controller/database/postgres_kept.h"
#include "controller/database/postgres_lease.h"
#include "controller/database/postgres_objections.h"
#include "controller/database/postgres_staging.h"
#include "controller/database/postgres_swap.h"
#include "controller/database/postgres_table.h"
#include "controller/database/sql_text.h"

namespace controller {

namespace {

/// Whether the data directory lies in a volume or on the host: what recreating the container would
/// not throw away.
bool outlives_container(const dockerapi::Container& container, const std::string& directory) {
  for (const auto& mount : container.mounts) {
    const bool keeps =
        mount.kind == dockerapi::Mount::Kind::Volume || mount.kind == dockerapi::Mount::Kind::Bind;
    const std::string& where = mount.destination;
    const bool below = directory == where || (directory.starts_with(where) &&
                                              directory.compare(where.size(), 1, "/") == 0);
    const bool anonymous = mount.kind == dockerapi::Mount::Kind::Volume &&
                           mount.name.size() == 64 &&
                           mount.name.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (keeps && below && !anonymous) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<DatabaseSession::Database> PostgresSession::databases() {
  const auto connection = server_->connect_beside("");
  std::vector<Database> found;
  for (const auto& row :
       connection->query("SELECT d.datname, CASE WHEN has_database_privilege(d.oid, 'CONNECT')"
                         " THEN pg_database_size(d.oid) ELSE 0 END FROM pg_database d"
                         " WHERE d.datallowconn AND NOT d.datistemplate AND NOT EXISTS ("
                         "SELECT FROM pg_db_role_setting s, unnest(s.setconfig) AS c(config)"
                         " WHERE s.setdatabase = d.oid AND s.setrole = 0"
                         " AND c.config LIKE 'cofferdam.swap=%:staged:%') ORDER BY 1")) {
    found.push_back({row.at(0).value_or(""), std::stoull(row.at(1).value_or("0"))});
  }
  // Every server has a database "postgres"; where the application has its own, it is empty.
  const bool alone = found.size() == 1;
  std::erase_if(found, [&](const Database& database) {
    return database.name == "postgres" && !alone && !holds_anything(database.name);
  });
  return found;
}

bool PostgresSession::holds_anything(const std::string& database) {
  return server_->connect(database)->value(
             "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
             "  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')"
             " OR EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
             "  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')"
             " OR EXISTS (SELECT FROM pg_extension WHERE extname <> 'plpgsql')"
             " OR EXISTS (SELECT FROM pg_namespace WHERE nspname !~ '^pg_'"
             "  AND nspname NOT IN ('public', 'information_schema'))"
             " OR EXISTS (SELECT FROM pg_largeobject_metadata)") == "t";
}

ServerRecord PostgresSession::server(const DumpRequest& request) {
  ServerRecord record;
  record.engine = "postgres";
  record.service = target_.service;
  record.roles = roles_json(*server_->connect_beside(""));
  record.globals = write_globals(request);
  return record;
}

Artifact PostgresSession::write_globals(const DumpRequest& request) {
  Artifact artifact;
  artifact.path = request.folder + "/globals.sql" + file_extension(request.compression);
  const auto path = request.directory / artifact.path;
  std::filesystem::create_directories(path.parent_path());
  ArtifactSink sink(path, request.compression, 1);
  std::vector<std::string> command = {
      "pg_dumpall", "--globals-only", "--no-password",
      "--dbname=" + server_->connection_string_for("postgres", "cofferdam-globals")};
  if (!server_->superuser()) {
    command.emplace_back("--no-role-passwords");
  }
  std::string tail;
  const auto outcome = server_->run(std::move(command), {},
                                    [&](std::string_view bytes) {
                                      sink.write(bytes);
                                      constexpr std::size_t kTail = 200;
                                      tail.append(bytes);
                                      tail.erase(0, tail.size() > kTail ? tail.size() - kTail : 0);
                                    },
                                    {});
  if (outcome.exit_code != 0 ||
      tail.find("-- PostgreSQL database cluster dump complete") == std::string::npos) {
    throw DatabaseError("pg_dumpall failed with exit code " + std::to_string(outcome.exit_code) +
                        ": " + outcome.complaints);
  }
  const auto digest = sink.close();
  artifact.bytes = digest.stored_bytes;
  artifact.raw_bytes = digest.raw_bytes;
  artifact.sha256 = digest.sha256;
  return artifact;
}

std::unique_ptr<DatabaseLease> PostgresSession::freeze(const std::string& database,
                                                       const std::stop_token& stop) {
  std::vector<std::string> warnings;
  const auto directory = server_->connect_beside("")->value(
      "SELECT setting FROM pg_settings WHERE name = 'data_directory'");
  if (!directory.empty() && !outlives_container(server_->container(), directory)) {
    warnings.push_back("the server keeps its files in " + directory +
                       ", which is on no named volume: they vanish with the container");
  }
  return std::make_unique<PostgresLease>(server_, database, target_.service, std::move(warnings),
                                         stop);
}

std::vector<std::string> PostgresSession::objections(const DatabaseRecord& record,
                                                     const ServerRecord& server) {
  return postgres_objections(*server_, target_.detection.data_directory, record, server);
}

std::vector<std::string> PostgresSession::cautions(const DatabaseRecord& record) {
  return postgres_cautions(*server_, record);
}

std::unique_ptr<StagedDatabase> PostgresSession::stage(
    const DatabaseRecord& record, const ServerRecord& server,
    const std::filesystem::path& snapshot_directory, const std::string& job) {
  return stage_postgres(server_, record, server, snapshot_directory, job);
}

RestoredTable PostgresSession::restore_table(const DatabaseRecord& record,
                                             const std::filesystem::path& snapshot_directory,
                                             const std::string& table,
                                             const std::stop_token& stop) {
  return restore_postgres_table(*server_, record, snapshot_directory, table, stop);
}

bool PostgresSession::swapped(const std::string& job) {
  return is_swapped(*server_, job);
}

std::vector<std::string> PostgresSession::recover(const std::string& job) {
  return recover_swaps(*server_, job);
}

std::unique_ptr<StagedDatabase> PostgresSession::adopt(const std::string& database,
                                                       const std::string& keeper,
                                                       const std::string& job) {
  return adopt_kept(server_, database, keeper, job);
}

std::uint64_t PostgresSession::kept_bytes(const std::string& database, const std::string& keeper) {
  const auto size = server_->connect_beside(database)->value(
      "SELECT pg_database_size(oid) FROM pg_database WHERE datname = " +
      quoted_text(swap_names(database, keeper).previous));
  return size.empty() ? 0 : std::stoull(size);
}

void PostgresSession::drop_kept(const std::string& database, const std::string& keeper) {
  drop_database(*server_, swap_names(database, keeper).previous);
}

void PostgresSession::keep(const std::string& job) {
  keep_swaps(*server_, job);
}

void PostgresSession::run_sql(const std::string& database, const std::string& sql,
                              const std::function<void(std::string_view)>& output,
                              std::stop_token stop) {
  const std::string application = "cofferdam-hook";
  std::string_view left = sql;
  ExecOutcome outcome;
  try {
    outcome = server_->run(
        {"psql", "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1",
         "--dbname=" + server_->connection_string_for(database, application)},
        [&] { return std::exchange(left, {}); }, output, stop);
  } catch (const dockerapi::Error&) {
    // Else it would run on, unseen.
    server_->end_sessions_of(application);
    throw;
  }
  output(outcome.complaints);
  if (outcome.exit_code != 0) {
    throw DatabaseError("psql ended with exit code " + std::to_string(outcome.exit_code));
  }
}

}  // namespace controller
