#include "controller/database/postgres_objections.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "controller/database/postgres_properties.h"
#include "controller/database/sql_text.h"
#include "controller/database/timescale.h"

namespace controller {

namespace {

constexpr int kMajor = 10000;

class Objections {
 public:
  Objections(PostgresServer& server, const DatabaseRecord& record)
      : server_(server), record_(record), connection_(server.connect_beside(record.name)) {}

  void version() {
    if (server_.version() / kMajor < record_.server_version_number / kMajor) {
      add("the dump is from PostgreSQL " + record_.server_version + ", newer than the server's " +
          connection_->value("SELECT current_setting('server_version')"));
    }
  }

  void extensions() {
    for (const auto& extension : record_.extensions) {
      if (extension.name == "timescaledb") {
        continue;  // see timescale()
      }
      if (!one("SELECT 1 FROM pg_available_extensions WHERE name = " +
               quoted_text(extension.name))) {
        add("extension " + extension.name + " " + extension.version +
            " is not installed on the server");
      }
    }
  }

  void timescale() {
    for (const auto& text : timescale_objections(*connection_, record_, server_.superuser())) {
      add(text);
    }
  }

  void locale() {
    for (const auto& name : {record_.collation, record_.character_type}) {
      if (record_.locale_provider == "libc" && name != "C" && name != "POSIX" &&
          !locale_known(name)) {
        add("locale " + name + " is not available on the server");
        return;
      }
    }
  }

  void rights(const ServerRecord& recorded) {
    if (server_.superuser()) {
      return;
    }
    if (!one("SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolcreatedb")) {
      add("user " + server_.user() + " may not create databases");
    }
    std::set<std::string> existing;
    for (const auto& row : connection_->query("SELECT rolname FROM pg_roles")) {
      existing.insert(row.at(0).value_or(""));
    }
    if (!role_statements(recorded.roles, record_.roles, existing).empty() &&
        !one("SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolcreaterole")) {
      add("user " + server_.user() + " may not create the roles that are missing");
    }
    if (!one("SELECT 1 FROM pg_roles WHERE rolname = " + quoted_text(record_.owner) +
             " AND pg_has_role(oid, 'MEMBER')")) {
      add("user " + server_.user() + " may not give the database to " + record_.owner);
    }
  }

  void prepared_transactions() {
    const auto prepared =
        connection_->value("SELECT string_agg(gid, ', ') FROM pg_prepared_xacts WHERE database = " +
                           quoted_text(record_.name));
    if (!prepared.empty()) {
      add("the live database has prepared transactions: " + prepared);
    }
  }

  void room(const std::string& assumed_directory) {
    // Only a superuser is told; others have to trust the environment.
    const auto told =
        connection_->value("SELECT setting FROM pg_settings WHERE name = 'data_directory'");
    const auto answer = server_.output_of({"df", "-Pk", told.empty() ? assumed_directory : told});
    const std::uint64_t free = answer ? free_bytes_of_df(*answer) : 0;
    // The live database stays until the end; indexes are sorted on disk.
    const std::uint64_t needed = record_.size_bytes + record_.size_bytes / 100 * 15;
    if (free > 0 && free < needed) {
      add("no room for a second copy: " + std::to_string(needed >> 20U) + " MiB are needed, " +
          std::to_string(free >> 20U) + " MiB free");
    }
  }

  std::vector<std::string> texts;

 private:
  void add(const std::string& text) { texts.push_back("database " + record_.name + ": " + text); }

  bool one(const std::string& sql) { return !connection_->query(sql).empty(); }

  /// initdb recorded the system's locales, spelled "utf8" here and "UTF-8" there.
  bool locale_known(const std::string& name) {
    const auto normal = [](const std::string& sql) {
      return "lower(replace(" + sql + ", '-', ''))";
    };
    const std::string wanted = normal(quoted_text(name));
    return one("SELECT 1 FROM pg_collation WHERE " + normal("collcollate") + " = " + wanted +
               " UNION ALL SELECT 1 FROM pg_database WHERE " + normal("datcollate") + " = " +
               wanted + " LIMIT 1");
  }

  PostgresServer& server_;
  const DatabaseRecord& record_;
  std::unique_ptr<SqlConnection> connection_;
};

}  // namespace

std::uint64_t free_bytes_of_df(const std::string& text) {
  // "Filesystem 1024-blocks Used Available Capacity Mounted on", then one line of them.
  std::istringstream lines(text);
  std::string header;
  std::string device;
  std::uint64_t total = 0;
  std::uint64_t used = 0;
  std::uint64_t available = 0;
  std::getline(lines, header);
  lines >> device >> total >> used >> available;
  return lines ? available * 1024 : 0;
}

std::vector<std::string> postgres_objections(PostgresServer& server,
                                             const std::string& data_directory,
                                             const DatabaseRecord& record,
                                             const ServerRecord& recorded_server) {
  Objections objections(server, record);
  objections.version();
  objections.extensions();
  objections.timescale();
  objections.locale();
  objections.rights(recorded_server);
  objections.prepared_transactions();
  objections.room(data_directory);
  return std::move(objections.texts);
}

}  // namespace controller
