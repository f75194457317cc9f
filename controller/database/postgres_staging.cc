#include "controller/database/postgres_staging.h"

#include <algorithm>
#include <optional>
#include <set>

#include "controller/archive/artifact.h"
#include "controller/database/dump_reader.h"
#include "controller/database/postgres_inventory.h"
#include "controller/database/postgres_properties.h"
#include "controller/database/postgres_restore.h"
#include "controller/database/postgres_swap.h"
#include "controller/database/postgres_totals.h"
#include "controller/database/sql_text.h"
#include "controller/database/timescale.h"

namespace controller {

namespace {

constexpr std::string_view kUsualBlockSize = "8192";

std::set<std::string> first_column(const std::vector<SqlRow>& rows) {
  std::set<std::string> values;
  for (const auto& row : rows) {
    values.insert(row.at(0).value_or(""));
  }
  return values;
}

class PostgresStaged : public StagedDatabase {
 public:
  PostgresStaged(std::shared_ptr<PostgresServer> server, DatabaseRecord record, SwapNames names,
                 DumpContents contents, std::vector<std::string> warnings)
      : server_(std::move(server)),
        record_(std::move(record)),
        names_(std::move(names)),
        contents_(std::move(contents)),
        warnings_(std::move(warnings)) {}

  [[nodiscard]] std::string staged_name() const override { return names_.staged; }
  [[nodiscard]] std::string previous_name() const override { return names_.previous; }
  [[nodiscard]] bool has_previous() const override { return had_live_; }

  std::vector<Finding> verify() override;

  void commit() override {
    had_live_ = database_exists(*server_, names_.live);
    swap_in(*server_, names_);
    committed_ = true;
    start_workers();
  }

  void undo() override {
    swap_out(*server_, names_);
    committed_ = false;
    start_workers();
  }

  void discard() override {
    if (committed_) {
      keep_swaps(*server_, names_.job);
    }
    drop_database(*server_, committed_ ? names_.previous : names_.staged);
  }

  [[nodiscard]] std::vector<std::string> warnings() const override { return warnings_; }

 private:
  void start_workers();
  [[nodiscard]] const std::string& name_now() const {
    return committed_ ? names_.live : names_.staged;
  }
  void verify_large_objects(SqlConnection& connection, std::vector<std::string>& wrong);

  std::shared_ptr<PostgresServer> server_;
  DatabaseRecord record_;
  SwapNames names_;
  DumpContents contents_;
  std::vector<std::string> warnings_;
  bool committed_ = false;
  bool had_live_ = false;
};

void PostgresStaged::start_workers() {
  const auto problems = start_timescale_workers(*server_, names_.live);
  warnings_.insert(warnings_.end(), problems.begin(), problems.end());
}

std::vector<Finding> PostgresStaged::verify() {
  // What the server has now, as if it were a dump.
  DumpContents now;
  now.large_objects = record_.large_objects;
  now.tables = tables_now(*server_, name_now(), contents_.tables);
  auto expected = record_.tables;
  for (auto& table : expected) {
    if (timescale_may_change(table.schema, table.name)) {
      table.checksum.clear();
    }
  }
  auto wrong = disagreements(now, expected, record_.large_objects);
  verify_large_objects(*server_->connect(name_now()), wrong);
  std::vector<Finding> findings;
  findings.reserve(wrong.size());
  for (const auto& text : wrong) {
    findings.push_back({record_.artifact.path, "restored " + text});
  }
  return findings;
}

void PostgresStaged::verify_large_objects(SqlConnection& connection,
                                          std::vector<std::string>& wrong) {
  const auto count = connection.value("SELECT count(*) FROM pg_largeobject_metadata");
  if (count != std::to_string(record_.large_objects)) {
    wrong.push_back(count + " large objects instead of " + std::to_string(record_.large_objects));
    return;
  }
  const bool comparable = dump_format(record_) == DumpFormat::Custom && server_->superuser() &&
                          connection.value("SHOW block_size") == kUsualBlockSize;
  if (record_.large_objects > 0 && comparable &&
      connection.checksum("COPY (SELECT loid, pageno, data FROM pg_largeobject) TO STDOUT") !=
          contents_.large_object_pages) {
    wrong.emplace_back("large objects have other content");
  }
}

/// A database under construction: dropped unless kept.
class NewDatabase {
 public:
  NewDatabase(PostgresServer& server, const DatabaseRecord& record, const SwapNames& names)
      : server_(server), name_(names.staged) {
    drop_database(server_, name_);  // of an earlier try of the same job
    const auto connection = server_.connect_beside(names.live);
    const auto tablespaces = first_column(connection->query("SELECT spcname FROM pg_tablespace"));
    connection->query(
        create_database_statement(name_, record, connection->server_version(), tablespaces));
    connection->query(mark_statement(name_, names, "staged"));
  }
  NewDatabase(const NewDatabase&) = delete;
  NewDatabase& operator=(const NewDatabase&) = delete;
  ~NewDatabase() {
    if (kept_) {
      return;
    }
    try {
      drop_database(server_, name_);
    } catch (const std::exception&) {
      // Left for recover(), which finds it by its mark.
    }
  }
  void keep() { kept_ = true; }

 private:
  PostgresServer& server_;
  std::string name_;
  bool kept_ = false;
};

void create_missing_roles(PostgresServer& server, const DatabaseRecord& record,
                          const ServerRecord& recorded) {
  const auto connection = server.connect_beside("");
  const auto existing = first_column(connection->query("SELECT rolname FROM pg_roles"));
  for (const auto& statement : role_statements(recorded.roles, record.roles, existing)) {
    connection->query(statement);
  }
}

void finish_database(PostgresServer& server, const DatabaseRecord& record, const SwapNames& names,
                     const std::vector<std::string>& finishing) {
  {
    const auto inside = server.connect(names.staged);
    if (text_property(record, "has_public_schema") == "false") {
      inside->query("DROP SCHEMA IF EXISTS public");
    }
    try {
      // Index expressions may count on the search_path.
      inside->query("SELECT set_config('search_path', " +
                    quoted_text(text_property(record, "search_path")) + ", false)");
      inside->query("ANALYZE");
    } catch (const SqlError&) {
      // Statistics are made by autovacuum too, as well as they can be.
    }
    for (const auto& statement : finishing) {
      inside->query(statement);
    }
  }
  const auto beside = server.connect_beside(names.staged);
  for (const auto& statement : property_statements(names.staged, record)) {
    beside->query(statement);
  }
  // Among the settings that were reset.
  beside->query(mark_statement(names.staged, names, "staged"));
}

bool misses_a_search_path(const std::string& complaints) {
  return complaints.find("does not exist") != std::string::npos;
}

}  // namespace

std::unique_ptr<StagedDatabase> stage_postgres(std::shared_ptr<PostgresServer> server,
                                               const DatabaseRecord& record,
                                               const ServerRecord& recorded_server,
                                               const std::filesystem::path& snapshot_directory,
                                               const std::string& job) {
  for (const auto& objection :
       timescale_objections(*server->connect_beside(""), record, server->superuser())) {
    throw DatabaseRefusal("database " + record.name + ": " + objection);
  }
  const SwapNames names = swap_names(record.name, job);
  LoadTask task;
  task.database = names.staged;
  task.file = snapshot_directory / record.artifact.path;
  task.format = dump_format(record);
  task.timescale = timescale_of(record);
  auto outline = outlined_contents(record, task.file);
  auto contents = outline ? std::move(*outline) : validated_contents(record, task.file);
  task.sessions = sessions_for(*server);
  for (const auto& table : contents.tables) {
    task.bytes[table.id] = table.bytes;
  }
  create_missing_roles(*server, record, recorded_server);
  {
    const auto present =
        first_column(server->connect_beside("")->query("SELECT spcname FROM pg_tablespace"));
    task.keep_tablespaces = std::includes(present.begin(), present.end(),
                                          contents.tablespaces.begin(), contents.tablespaces.end());
  }

  std::optional<NewDatabase> fresh;
  fresh.emplace(*server, record, names);
  std::vector<std::string> finishing;
  try {
    finishing = load_dump(*server, task);
  } catch (const DatabaseError& error) {
    if (!misses_a_search_path(error.what())) {
      throw;
    }
    // pg_dump's empty search_path breaks functions that name things without their schema.
    fresh.emplace(*server, record, names);
    task.search_path = text_property(record, "search_path");
    finishing = load_dump(*server, task);
  }
  auto warnings = after_timescale_load(*server, names.staged, record);
  finish_database(*server, record, names, finishing);
  fresh->keep();
  return std::make_unique<PostgresStaged>(std::move(server), record, names, std::move(contents),
                                          std::move(warnings));
}

}  // namespace controller
