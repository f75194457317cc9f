#include "controller/database/timescale.h"

#include "controller/database/sql_text.h"

namespace controller {

namespace {

constexpr std::string_view kName = "timescaledb";
constexpr std::string_view kUsualSchema = "public";
constexpr std::string_view kNoSuchDatabase = "3D000";

/// The functions that start and stop workers have moved from one schema to the other in 2.12.
std::string worker_function(SqlConnection& connection, const std::string& name) {
  const auto schema = connection.value(
      "SELECT n.nspname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
      " WHERE p.proname = " +
      quoted_text(name) +
      " AND n.nspname IN ('_timescaledb_functions', '_timescaledb_internal') ORDER BY 1 LIMIT 1");
  return schema.empty() ? "" : schema + "." + name + "()";
}

std::string available_versions(SqlConnection& connection) {
  return connection.value(
      "SELECT string_agg(version, ', ' ORDER BY version) FROM pg_available_extension_versions"
      " WHERE name = " +
      quoted_text(kName));
}

std::string release_text(const SqlRow& policy, const std::string& alter_job,
                         const std::string& database) {
  const auto text = [&](std::size_t column) { return policy.at(column).value_or(""); };
  return "the retention policy of " + text(1) + "." + text(2) + " (drop_after " + text(3) +
         ") is held, so that it does not delete what was restored. To let it run again, in"
         " database " +
         database + ": SELECT " + alter_job + "(" + text(0) + ", scheduled => true);";
}

}  // namespace

std::optional<ExtensionRecord> timescale_of(const DatabaseRecord& record) {
  for (const auto& extension : record.extensions) {
    if (extension.name == kName) {
      return extension;
    }
  }
  return std::nullopt;
}

std::string pinned_definition(const ExtensionRecord& timescale) {
  return "CREATE EXTENSION IF NOT EXISTS timescaledb WITH SCHEMA " + quoted_name(timescale.schema) +
         " VERSION " + quoted_text(timescale.version) + ";\n";
}

std::vector<std::string> timescale_objections(SqlConnection& connection,
                                              const DatabaseRecord& record, bool superuser) {
  const auto timescale = timescale_of(record);
  if (!timescale) {
    return {};
  }
  const std::string uses = "it uses TimescaleDB " + timescale->version;
  std::vector<std::string> texts;
  const auto versions = available_versions(connection);
  if (timescale->version.starts_with("0.") || timescale->version.starts_with("1.")) {
    texts.push_back(uses + ", and only 2.0 and newer can be restored");
  } else if (versions.empty()) {
    texts.push_back(uses + ", which is not installed on the server");
  } else if (connection
                 .query("SELECT 1 FROM pg_available_extension_versions WHERE name = " +
                        quoted_text(kName) + " AND version = " + quoted_text(timescale->version))
                 .empty()) {
    // The catalogue of one version, restored into another, crashes the server or hides rows.
    texts.push_back(uses + ", which only the very same version can restore; the server has " +
                    versions);
  }
  if (!superuser) {
    texts.push_back(uses +
                    ", and only a superuser may call its timescaledb_pre_restore() and "
                    "timescaledb_post_restore()");
  }
  if (record.format == "plain" && timescale->schema != kUsualSchema) {
    texts.push_back(uses + " in the schema " + timescale->schema +
                    ", which cannot be restored from a dump in plain SQL");
  }
  return texts;
}

void before_timescale_load(PostgresServer& server, const std::string& database,
                           const ExtensionRecord& timescale) {
  server.connect(database)->query("SELECT " + quoted_name(timescale.schema) +
                                  ".timescaledb_pre_restore()");
}

std::vector<std::string> after_timescale_load(PostgresServer& server, const std::string& database,
                                              const DatabaseRecord& record) {
  const auto timescale = timescale_of(record);
  if (!timescale) {
    return {};
  }
  const auto connection = server.connect(database);
  const std::string schema = quoted_name(timescale->schema);
  const auto stop = worker_function(*connection, "stop_background_workers");
  // The first starts the workers; within one transaction they are stopped before they have begun.
  connection->query("BEGIN; SELECT " + schema + ".timescaledb_post_restore()" +
                    (stop.empty() ? "" : "; SELECT " + stop) + "; COMMIT");
  std::vector<std::string> texts;
  for (const auto& policy : connection->query(
           "SELECT job_id, hypertable_schema, hypertable_name,"
           " coalesce(config ->> 'drop_after', config ->> 'drop_created_before')"
           " FROM timescaledb_information.jobs WHERE proc_name = 'policy_retention' AND scheduled"
           " ORDER BY job_id")) {
    connection->query("SELECT " + schema + ".alter_job(" + policy.at(0).value_or("") +
                      ", scheduled => false)");
    texts.push_back(release_text(policy, schema + ".alter_job", record.name));
  }
  return texts;
}

std::vector<std::string> start_timescale_workers(PostgresServer& server,
                                                 const std::string& database) {
  std::string restart = "_timescaledb_functions.restart_background_workers()";
  std::string reason = "the server says no";
  try {
    const auto connection = server.connect(database);
    if (connection->query("SELECT 1 FROM pg_extension WHERE extname = " + quoted_text(kName))
            .empty()) {
      return {};
    }
    restart = worker_function(*connection, "restart_background_workers");
    if (connection->value("SELECT " + restart) == "t") {
      return {};
    }
  } catch (const SqlError& error) {
    if (error.sqlstate() == kNoSuchDatabase) {
      return {};  // an undo may leave none
    }
    // The swap is done and right; whether jobs run is another matter.
    reason = error.what();
  }
  return {"the workers of TimescaleDB do not run (" + reason + "). To start them, in database " +
          database + ": SELECT " + restart + ";"};
}

bool timescale_may_change(const std::string& schema, const std::string& table) {
  return schema.starts_with("_timescaledb_") && (table == "bgw_job" || table == "metadata");
}

}  // namespace controller
