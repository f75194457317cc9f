#include "controller/database/postgres_properties.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "controller/database/database_driver.h"
#include "controller/database/sql_text.h"

namespace controller {

namespace {

using nlohmann::json;

constexpr int kVersionWithProvider = 150000;

// Their values are stored as a list of quoted names already: quoting the whole once more would
// make one name of it.
constexpr std::array kListSettings = {"search_path",
                                      "temp_tablespaces",
                                      "local_preload_libraries",
                                      "session_preload_libraries",
                                      "shared_preload_libraries",
                                      "unix_socket_directories"};

json parse(const std::string& text, const std::string& what) {
  if (text.empty()) {
    return json::object();
  }
  auto document = json::parse(text, nullptr, false);
  if (!document.is_object()) {
    throw DatabaseError("cannot read the recorded " + what);
  }
  return document;
}

/// The member `name`; null if it is absent.
json member(const json& object, const std::string& name) {
  const auto found = object.find(name);
  return found == object.end() ? json() : *found;
}

std::string text_of(const json& object, const std::string& name) {
  const json value = member(object, name);
  return value.is_string() ? value.get<std::string>() : "";
}

bool flag(const json& object, const std::string& name) {
  const json value = member(object, name);
  return value.is_boolean() && value.get<bool>();
}

/// "SET name TO value" of "name=value".
std::string set_clause(const std::string& config) {
  const auto equals = config.find('=');
  const std::string name = config.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : config.substr(equals + 1);
  const bool list =
      std::find(kListSettings.begin(), kListSettings.end(), name) != kListSettings.end();
  // A custom setting's name has a dot, which must stay outside of the quotes.
  std::string quoted;
  std::size_t start = 0;
  for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.', start)) {
    quoted += quoted_name(name.substr(start, dot - start)) + ".";
    start = dot + 1;
  }
  quoted += quoted_name(name.substr(start));
  return "SET " + quoted + " TO " + (list && !value.empty() ? value : quoted_text(value));
}

void add_settings(const json& settings, const std::string& database,
                  std::vector<std::string>& statements) {
  // Creating postgis_topology, for one, gives the database a search_path of its own.
  statements.push_back("ALTER DATABASE " + database + " RESET ALL");
  for (const auto& setting : settings) {
    const std::string role = text_of(setting, "role");
    const std::string subject =
        role.empty() ? "ALTER DATABASE " + database
                     : "ALTER ROLE " + quoted_name(role) + " IN DATABASE " + database;
    statements.push_back(subject + " " + set_clause(text_of(setting, "config")));
  }
}

void add_grants(const json& acl, const std::string& owner, const std::string& database,
                std::vector<std::string>& statements) {
  if (!acl.is_array()) {
    return;  // the defaults
  }
  const std::string object = " ON DATABASE " + database;
  statements.push_back("REVOKE ALL" + object + " FROM PUBLIC");
  statements.push_back("REVOKE ALL" + object + " FROM " + quoted_name(owner));
  for (const auto& grant : acl) {
    const std::string grantee = text_of(grant, "grantee");
    statements.push_back("GRANT " + text_of(grant, "privilege") + object + " TO " +
                         (grantee.empty() ? "PUBLIC" : quoted_name(grantee)) +
                         (flag(grant, "grantable") ? " WITH GRANT OPTION" : ""));
  }
}

std::string create_role(const json& role) {
  const std::string name = quoted_name(text_of(role, "name"));
  if (flag(role, "bootstrap")) {
    return "CREATE ROLE " + name + " NOLOGIN";
  }
  const std::vector<std::pair<const char*, const char*>> flags = {
      {"superuser", "SUPERUSER"},      {"inherit", "INHERIT"}, {"create_role", "CREATEROLE"},
      {"create_database", "CREATEDB"}, {"login", "LOGIN"},     {"replication", "REPLICATION"},
      {"bypass_rls", "BYPASSRLS"}};
  std::string statement = "CREATE ROLE " + name;
  for (const auto& [property, word] : flags) {
    statement += flag(role, property) ? std::string(" ") + word : std::string(" NO") + word;
  }
  const json limit = member(role, "connection_limit");
  if (limit.is_number_integer()) {
    statement += " CONNECTION LIMIT " + std::to_string(limit.get<int>());
  }
  const std::string until = text_of(role, "valid_until");
  return until.empty() ? statement : statement + " VALID UNTIL " + quoted_text(until);
}

void add_role(const json& role, std::vector<std::string>& statements) {
  const std::string name = quoted_name(text_of(role, "name"));
  statements.push_back(create_role(role));
  const std::string comment = text_of(role, "comment");
  if (!comment.empty()) {
    statements.push_back("COMMENT ON ROLE " + name + " IS " + quoted_text(comment));
  }
  for (const auto& config : member(role, "config")) {
    statements.push_back("ALTER ROLE " + name + " " + set_clause(config.get<std::string>()));
  }
}

/// A role needs those that it is a member of, too.
std::set<std::string> with_memberships(std::set<std::string> roles, const json& memberships) {
  for (std::size_t before = 0; before != roles.size();) {
    before = roles.size();
    for (const auto& membership : memberships) {
      if (roles.contains(text_of(membership, "member"))) {
        roles.insert(text_of(membership, "role"));
      }
    }
  }
  return roles;
}

std::string grant_membership(const json& membership) {
  std::string options;
  const auto add = [&](const std::string& option) {
    options += (options.empty() ? " WITH " : ", ") + option;
  };
  // Options other than ADMIN exist since 16, whose grants all have them.
  if (membership.contains("inherit")) {
    add(std::string("ADMIN ") + (flag(membership, "admin") ? "TRUE" : "FALSE"));
    add(std::string("INHERIT ") + (flag(membership, "inherit") ? "TRUE" : "FALSE"));
    add(std::string("SET ") + (flag(membership, "set") ? "TRUE" : "FALSE"));
  } else if (flag(membership, "admin")) {
    add("ADMIN OPTION");
  }
  return "GRANT " + quoted_name(text_of(membership, "role")) + " TO " +
         quoted_name(text_of(membership, "member")) + options;
}

}  // namespace

std::string create_database_statement(const std::string& name, const DatabaseRecord& record,
                                      int version, const std::set<std::string>& tablespaces) {
  const json properties = parse(record.properties, "properties of " + record.name);
  // template1 may be unusable after the image's C library changed; template0 never is.
  std::string statement = "CREATE DATABASE " + quoted_name(name) + " TEMPLATE template0 ENCODING " +
                          quoted_text(record.encoding);
  const auto add = [&](const char* option, const std::string& value) {
    if (!value.empty()) {
      statement += std::string(" ") + option + " " + quoted_text(value);
    }
  };
  add("LC_COLLATE", record.collation);
  add("LC_CTYPE", record.character_type);
  if (version >= kVersionWithProvider && !record.locale_provider.empty()) {
    statement += " LOCALE_PROVIDER " + record.locale_provider;
    if (record.locale_provider == "icu") {
      add("ICU_LOCALE", record.locale);
      add("ICU_RULES", text_of(properties, "icu_rules"));
    } else if (record.locale_provider == "builtin") {
      add("BUILTIN_LOCALE", record.locale);
    }
  }
  const std::string tablespace = text_of(properties, "tablespace");
  if (tablespace != "pg_default" && tablespaces.contains(tablespace)) {
    statement += " TABLESPACE " + quoted_name(tablespace);
  }
  return statement;
}

std::vector<std::string> property_statements(const std::string& name,
                                             const DatabaseRecord& record) {
  const json properties = parse(record.properties, "properties of " + record.name);
  const std::string database = quoted_name(name);
  const std::string owner = text_of(properties, "owner");
  std::vector<std::string> statements;
  if (!owner.empty()) {
    statements.push_back("ALTER DATABASE " + database + " OWNER TO " + quoted_name(owner));
  }
  add_settings(member(properties, "settings"), database, statements);
  add_grants(member(properties, "acl"), owner, database, statements);
  const json limit = member(properties, "connection_limit");
  if (limit.is_number_integer()) {
    statements.push_back("ALTER DATABASE " + database + " CONNECTION LIMIT " +
                         std::to_string(limit.get<int>()));
  }
  const std::string comment = text_of(properties, "comment");
  if (!comment.empty()) {
    statements.push_back("COMMENT ON DATABASE " + database + " IS " + quoted_text(comment));
  }
  for (const auto& label : member(properties, "labels")) {
    statements.push_back("SECURITY LABEL FOR " + quoted_name(text_of(label, "provider")) +
                         " ON DATABASE " + database + " IS " +
                         quoted_text(text_of(label, "label")));
  }
  return statements;
}

std::string text_property(const DatabaseRecord& record, const std::string& name) {
  const json value = member(parse(record.properties, "properties of " + record.name), name);
  if (value.is_boolean()) {
    return value.get<bool>() ? "true" : "false";
  }
  return value.is_string() ? value.get<std::string>() : "";
}

std::vector<std::string> list_property(const DatabaseRecord& record, const std::string& name) {
  std::vector<std::string> texts;
  for (const auto& value : member(parse(record.properties, "properties of " + record.name), name)) {
    texts.push_back(value.is_string() ? value.get<std::string>() : "");
  }
  return texts;
}

std::vector<std::string> setting_names(const DatabaseRecord& record) {
  std::vector<std::string> names;
  for (const auto& setting :
       member(parse(record.properties, "properties of " + record.name), "settings")) {
    const std::string config = text_of(setting, "config");
    names.push_back(config.substr(0, config.find('=')));
  }
  return names;
}

std::vector<std::string> role_statements(const std::string& roles_json,
                                         const std::vector<std::string>& needed,
                                         const std::set<std::string>& existing) {
  const json document = parse(roles_json, "roles");
  const json roles = member(document, "roles");
  const json memberships = member(document, "memberships");

  const auto wanted = with_memberships({needed.begin(), needed.end()}, memberships);
  std::vector<std::string> statements;
  std::set<std::string> created;
  for (const auto& role : roles) {
    const std::string name = text_of(role, "name");
    if (wanted.contains(name) && !existing.contains(name)) {
      add_role(role, statements);
      created.insert(name);
    }
  }
  for (const auto& name : needed) {
    if (!existing.contains(name) && created.insert(name).second) {
      statements.push_back("CREATE ROLE " + quoted_name(name) + " NOLOGIN");
    }
  }
  for (const auto& membership : memberships) {
    if (created.contains(text_of(membership, "member"))) {
      statements.push_back(grant_membership(membership));
    }
  }
  return statements;
}

}  // namespace controller
