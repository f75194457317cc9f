#include "controller/database/postgres_rights.h"

#include <algorithm>
#include <array>
#include <set>

#include "controller/database/postgres_properties.h"
#include "controller/database/sql_text.h"

namespace controller {

namespace {

constexpr int kVersionWithTrust = 130000;
constexpr int kVersionWithParameterGrants = 150000;
// Since then a role that creates another is its administrator, but cannot act as it.
constexpr int kVersionWithSetOption = 160000;
constexpr std::size_t kNamed = 5;

std::set<std::string> roles_of(SqlConnection& connection, const std::string& condition) {
  std::set<std::string> names;
  for (const auto& row : connection.query("SELECT rolname FROM pg_roles WHERE " + condition)) {
    names.insert(row.at(0).value_or(""));
  }
  return names;
}

/// "a, b, c and 4 more".
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t at = 0; at < std::min(names.size(), kNamed); ++at) {
    text += (text.empty() ? "" : ", ") + names[at];
  }
  return names.size() <= kNamed ? text
                                : text + " and " + std::to_string(names.size() - kNamed) + " more";
}

class Rights {
 public:
  Rights(PostgresServer& server, SqlConnection& connection, const DatabaseRecord& record)
      : version_(server.version()),
        user_(server.user()),
        connection_(connection),
        record_(record),
        existing_(roles_of(connection, "true")),
        own_(roles_of(connection, "pg_has_role(oid, 'MEMBER')")) {}

  void databases() {
    if (!one("SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolcreatedb")) {
      add("user " + user_ + " may not create databases");
    }
    if (!own_.contains(record_.owner)) {
      add("user " + user_ + " may not give the database to " + record_.owner);
    }
  }

  void roles(const ServerRecord& recorded) {
    const auto statements = role_statements(recorded.roles, record_.roles, existing_);
    if (statements.empty()) {
      return;
    }
    if (!one("SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolcreaterole")) {
      add("user " + user_ + " may not create the roles that are missing");
    }
    for (const auto& statement : statements) {
      if (statement.starts_with("CREATE ROLE ") && asks_for_more(statement)) {
        add("user " + user_ + " may not do this: " + statement);
      }
    }
  }

  void owners() {
    const bool acts_as_new_ones =
        version_ < kVersionWithSetOption ||
        one("SELECT 1 WHERE current_setting('createrole_self_grant') LIKE '%set%'");
    std::vector<std::string> strange;
    for (const auto& owner : list_property(record_, "object_owners")) {
      if (existing_.contains(owner) ? !own_.contains(owner) : !acts_as_new_ones) {
        strange.push_back(owner);
      }
    }
    if (!strange.empty()) {
      add("user " + user_ + " may not give objects to their owners: " + listed(strange));
    }
  }

  void objects() {
    const auto needed = list_property(record_, "needs_superuser");
    if (!needed.empty()) {
      add("user " + user_ + " is no superuser, and only one may create: " + listed(needed));
    }
  }

  void extensions() {
    const std::string barred =
        version_ >= kVersionWithTrust ? "v.superuser AND NOT v.trusted" : "v.superuser";
    std::vector<std::string> names;
    for (const auto& extension : record_.extensions) {
      // The one that every new database has.
      if (extension.name != "plpgsql" &&
          one("SELECT 1 FROM pg_available_extensions a JOIN pg_available_extension_versions v"
              " ON v.name = a.name AND v.version = a.default_version WHERE a.name = " +
              quoted_text(extension.name) + " AND " + barred)) {
        names.push_back(extension.name);
      }
    }
    if (!names.empty()) {
      add("user " + user_ + " is no superuser, and only one may create the extensions " +
          listed(names));
    }
  }

  void settings() {
    std::vector<std::string> names;
    for (const auto& name : setting_names(record_)) {
      const bool may =
          name.find('.') != std::string::npos ||
          one("SELECT 1 FROM pg_settings WHERE name = " + quoted_text(name) +
              " AND context IN ('user', 'backend')") ||
          (version_ >= kVersionWithParameterGrants &&
           one("SELECT 1 WHERE has_parameter_privilege(" + quoted_text(name) + ", 'SET')"));
      if (!may) {
        names.push_back(name);
      }
    }
    if (!names.empty()) {
      add("user " + user_ + " may not make these settings of the database: " + listed(names));
    }
  }

  std::vector<std::string> texts;

 private:
  void add(const std::string& text) { texts.push_back(text); }

  bool one(const std::string& sql) { return !connection_.query(sql).empty(); }

  /// Whether CREATE ROLE asks for what only a superuser may give, or who has it himself.
  bool asks_for_more(const std::string& statement) {
    const auto asks = [&](const char* word) { return statement.find(word) != std::string::npos; };
    const auto has = [&](const char* column) {
      return version_ >= kVersionWithSetOption &&
             one(std::string("SELECT 1 FROM pg_roles WHERE rolname = current_user AND ") + column);
    };
    return asks(" SUPERUSER") || (asks(" REPLICATION") && !has("rolreplication")) ||
           (asks(" BYPASSRLS") && !has("rolbypassrls"));
  }

  int version_;
  std::string user_;
  SqlConnection& connection_;
  const DatabaseRecord& record_;
  std::set<std::string> existing_;
  std::set<std::string> own_;  // those that we are a member of
};

}  // namespace

std::vector<std::string> missing_rights(PostgresServer& server, SqlConnection& connection,
                                        const DatabaseRecord& record,
                                        const ServerRecord& recorded_server) {
  if (server.superuser()) {
    return {};
  }
  Rights rights(server, connection, record);
  rights.databases();
  rights.roles(recorded_server);
  rights.owners();
  rights.objects();
  rights.extensions();
  rights.settings();
  return std::move(rights.texts);
}

}  // namespace controller
