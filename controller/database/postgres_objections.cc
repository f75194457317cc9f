#include "controller/database/postgres_objections.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "controller/database/extension_version.h"
#include "controller/database/postgres_properties.h"
#include "controller/database/postgres_rights.h"
#include "controller/database/sql_text.h"
#include "controller/database/timescale.h"

namespace controller {

namespace {

constexpr int kMajor = 10000;
constexpr int kVersionWithBuiltinLocales = 170000;
constexpr std::string_view kNoSuchProvider = "22023";

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
      if (timescale_of(record_) == extension) {
        continue;  // has rules of its own
      }
      const std::string name = quoted_text(extension.name);
      const auto offered = connection_->value(
          "SELECT default_version FROM pg_available_extensions WHERE name = " + name);
      if (offered.empty()) {
        add("extension " + extension.name + " " + extension.version +
            " is not installed on the server");
      } else if (is_older(offered, extension.version) &&
                 !one("SELECT 1 FROM pg_available_extension_versions WHERE name = " + name +
                      " AND version = " + quoted_text(extension.version))) {
        add("extension " + extension.name + " is on the server in version " + offered +
            ", older than the dump's " + extension.version);
      }
    }
    add_all(timescale_objections(*connection_, record_, server_.superuser()));
  }

  void locale() {
    if (record_.locale_provider == "icu" &&
        !one("SELECT 1 FROM pg_collation WHERE collprovider = 'i'")) {
      add("its locales are ICU's, which the server was built without");
    }
    if (record_.locale_provider == "builtin" && server_.version() < kVersionWithBuiltinLocales) {
      add("its locale " + record_.locale + " is of PostgreSQL's own, which the server has not");
    }
    if (!one("SELECT 1 WHERE pg_char_to_encoding(" + quoted_text(record_.encoding) + ") >= 0")) {
      add("encoding " + record_.encoding + " is unknown to the server");
      return;
    }
    for (const auto& name : std::set{record_.collation, record_.character_type}) {
      if (name != "C" && name != "POSIX" && !locale_known(name)) {
        add("locale " + name + " is not available on the server");
      }
    }
    for (const auto& name : list_property(record_, "collations")) {
      if (!one("SELECT 1 FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace"
               " WHERE n.nspname = 'pg_catalog' AND c.collencoding IN (-1, pg_char_to_encoding(" +
               quoted_text(record_.encoding) + ")) AND c.collname = " + quoted_text(name))) {
        add("collation " + name + ", which it uses, is not available on the server");
      }
    }
  }

  void settings() {
    for (const auto& name : setting_names(record_)) {
      // Others see no settings that only a superuser may make; what they may not, is said
      // elsewhere.
      if (server_.superuser() && name.find('.') == std::string::npos &&
          !one("SELECT 1 FROM pg_settings WHERE name = " + quoted_text(name))) {
        add("setting " + name + " of the database is unknown to the server");
      }
    }
  }

  void security_labels() {
    for (const auto& provider : list_property(record_, "label_providers")) {
      try {
        connection_->query("BEGIN; SECURITY LABEL FOR " + quoted_name(provider) + " ON ROLE " +
                           quoted_name(server_.user()) + " IS NULL; ROLLBACK");
      } catch (const SqlError& error) {
        connection_->query("ROLLBACK");
        if (error.sqlstate() == kNoSuchProvider) {
          add("its security labels need the provider " + provider +
              ", which is not loaded on the server");
        }
      }
    }
  }

  void replication() {
    for (const auto& row :
         connection_->query("SELECT s.slot_name, s.active_pid FROM pg_replication_slots s"
                            " WHERE s.slot_type = 'logical' AND s.active AND s.database = " +
                            quoted_text(record_.name))) {
      add("the live database is replicated through the slot " + row.at(0).value_or("") +
          " by process " + row.at(1).value_or("") +
          ", and a slot stays with the database that is replaced. Stop that subscriber; it has to"
          " copy anew afterwards");
    }
    for (const auto& row :
         connection_->query("SELECT s.subname FROM pg_subscription s JOIN pg_database d"
                            " ON d.oid = s.subdbid WHERE s.subenabled AND d.datname = " +
                            quoted_text(record_.name))) {
      add("the live database subscribes to another by " + row.at(0).value_or("") +
          ", which would end with the database that is replaced. In it: ALTER SUBSCRIPTION " +
          quoted_name(row.at(0).value_or("")) + " DISABLE;");
    }
  }

  void rights(const ServerRecord& recorded) {
    add_all(missing_rights(server_, *connection_, record_, recorded));
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
    // The live database stays until the end; indexes are sorted on disk; the log of it all grows.
    const auto log = connection_->value(
        "SELECT setting::bigint << 20 FROM pg_settings WHERE name = 'max_wal_size'");
    const std::uint64_t needed = record_.size_bytes + record_.size_bytes / 100 * 15 +
                                 std::min<std::uint64_t>(record_.size_bytes, std::stoull(log));
    if (free > 0 && free < needed) {
      add("no room for a second copy: " + std::to_string(needed >> 20U) + " MiB are needed, " +
          std::to_string(free >> 20U) + " MiB free");
    }
  }

  std::vector<std::string> texts;

 private:
  void add(const std::string& text) { texts.push_back("database " + record_.name + ": " + text); }

  void add_all(const std::vector<std::string>& all) {
    for (const auto& text : all) {
      add(text);
    }
  }

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
  objections.locale();
  objections.settings();
  objections.security_labels();
  objections.rights(recorded_server);
  objections.replication();
  objections.prepared_transactions();
  objections.room(data_directory);
  return std::move(objections.texts);
}

}  // namespace controller
