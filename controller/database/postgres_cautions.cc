#include "controller/database/postgres_cautions.h"

#include "controller/database/extension_version.h"
#include "controller/database/sql_text.h"
#include "controller/database/timescale.h"

namespace controller {

namespace {

constexpr int kMajor = 10000;

void newer_versions(SqlConnection& connection, const DatabaseRecord& record,
                    std::vector<std::string>& texts) {
  if (connection.server_version() / kMajor > record.server_version_number / kMajor) {
    texts.push_back("the dump is from PostgreSQL " + record.server_version +
                    ", older than the server's " +
                    connection.value("SELECT current_setting('server_version')"));
  }
  for (const auto& extension : record.extensions) {
    const auto offered =
        connection.value("SELECT default_version FROM pg_available_extensions WHERE name = " +
                         quoted_text(extension.name));
    if (timescale_of(record) != extension && is_older(extension.version, offered)) {
      texts.push_back("extension " + extension.name + " comes back in version " + offered +
                      " instead of " + extension.version);
    }
  }
}

void replication(SqlConnection& connection, const DatabaseRecord& record,
                 std::vector<std::string>& texts) {
  for (const auto& row :
       connection.query("SELECT slot_name FROM pg_replication_slots"
                        " WHERE slot_type = 'logical' AND NOT active AND database = " +
                        quoted_text(record.name))) {
    texts.push_back("the logical replication slot " + row.at(0).value_or("") +
                    " stays with the database that is replaced and ends with it, and until then the"
                    " server keeps its log for it; its subscriber has to copy anew");
  }
  for (const auto& row : connection.query(
           "SELECT s.subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid"
           " WHERE NOT s.subenabled AND d.datname = " +
           quoted_text(record.name))) {
    texts.push_back("the subscription " + row.at(0).value_or("") +
                    " ends with the database that is replaced, without dropping its slot on the"
                    " publisher; the dump's subscriptions come back disabled");
  }
}

}  // namespace

std::vector<std::string> postgres_cautions(PostgresServer& server, const DatabaseRecord& record) {
  const auto connection = server.connect_beside(record.name);
  std::vector<std::string> texts;
  newer_versions(*connection, record, texts);
  replication(*connection, record, texts);
  if (timescale_of(record)) {
    texts.emplace_back("retention policies of TimescaleDB come back paused");
  }
  for (auto& text : texts) {
    text = "database " + record.name + ": " + text;
  }
  return texts;
}

}  // namespace controller
