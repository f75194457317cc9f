#include "controller/access/audit_log.h"

#include <sqlite3.h>

#include <nlohmann/json.hpp>

#include "controller/access/credential.h"
#include "controller/outage/statement.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

/// What the first line follows.
std::string beginning() {
  return credential_digest("");
}

std::string line_of(const AuditEntry& entry, const std::string& previous) {
  const Json json = {{"at", entry.at},         {"who", entry.who},       {"source", entry.source},
                     {"action", entry.action}, {"object", entry.object}, {"result", entry.result},
                     {"previous", previous}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

AuditEntry entry_of(const Json& json) {
  return {json.at("at"),     json.at("who"),    json.at("source"),
          json.at("action"), json.at("object"), json.at("result")};
}

/// A write of its own, for which others wait: the line must follow the last one.
class Transaction {
 public:
  explicit Transaction(sqlite3* database) : database_(database) {
    Statement(database_, "BEGIN IMMEDIATE").step();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (!done_) {
      sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
    }
  }

  void commit() {
    Statement(database_, "COMMIT").step();
    done_ = true;
  }

 private:
  sqlite3* database_;
  bool done_ = false;
};

std::string last_line_digest(sqlite3* database) {
  Statement last(database, "SELECT line FROM audit ORDER BY number DESC LIMIT 1");
  return last.step() ? credential_digest(last.text(0)) : beginning();
}

}  // namespace

void AuditLog::add(const AuditEntry& entry) {
  file_.with([&](sqlite3* database) {
    Transaction transaction(database);
    const auto line = line_of(entry, last_line_digest(database));
    Statement(database, "INSERT INTO audit(line) VALUES(?)").bind(line).step();
    transaction.commit();
  });
}

AuditTrail AuditLog::read() {
  return file_.with([](sqlite3* database) {
    AuditTrail trail{{}, beginning(), {}};
    Statement rows(database, "SELECT line FROM audit ORDER BY number");
    while (rows.step()) {
      const auto line = rows.text(0);
      const auto json = Json::parse(line, nullptr, false);
      if (!json.is_object() || json.value("previous", "") != trail.last_digest) {
        trail.problem = "line " + std::to_string(trail.entries.size() + 1) +
                        " does not follow the one before it: somebody changed the audit log";
        return trail;
      }
      trail.entries.push_back(entry_of(json));
      trail.last_digest = credential_digest(line);
    }
    return trail;
  });
}

}  // namespace controller
