#include "controller/database/postgres_properties.h"

#include <gtest/gtest.h>

#include "controller/database/database_driver.h"

namespace controller {
namespace {

using Statements = std::vector<std::string>;

DatabaseRecord record(const std::string& properties) {
  DatabaseRecord record;
  record.name = "app";
  record.encoding = "UTF8";
  record.collation = "en_US.utf8";
  record.character_type = "en_US.utf8";
  record.locale_provider = "libc";
  record.properties = properties;
  return record;
}

TEST(CreateDatabase, NamesEverythingItWouldElseInherit) {
  auto one = record("{}");
  EXPECT_EQ(create_database_statement("n", one, 140000, {}),
            "CREATE DATABASE \"n\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'en_US.utf8'"
            " LC_CTYPE 'en_US.utf8'");
  one.locale_provider = "icu";
  one.locale = "de-DE";
  one.properties = R"({"icu_rules": "&V << w", "tablespace": "fast"})";
  EXPECT_EQ(create_database_statement("n", one, 160000, {"fast"}),
            "CREATE DATABASE \"n\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'en_US.utf8'"
            " LC_CTYPE 'en_US.utf8' LOCALE_PROVIDER icu ICU_LOCALE 'de-DE' ICU_RULES '&V << w'"
            " TABLESPACE \"fast\"");
  one.locale_provider = "builtin";
  one.locale = "C.UTF-8";
  EXPECT_EQ(create_database_statement("n", one, 170000, {}),
            "CREATE DATABASE \"n\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'en_US.utf8'"
            " LC_CTYPE 'en_US.utf8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'");
}

// Quoting the whole of a list would make one schema of it, named "app, public".
TEST(Properties, EmitsListsAsTheyAreStored) {
  EXPECT_EQ(
      property_statements("n", record(R"({"owner": "o\"x", "connection_limit": 5,
      "comment": "it's", "acl": [{"grantee": null, "privilege": "CONNECT", "grantable": false},
      {"grantee": "r", "privilege": "TEMPORARY", "grantable": true}],
      "settings": [{"role": null, "config": "search_path=app, public"},
      {"role": null, "config": "search_path="},
      {"role": null, "config": "my.own=a=b"}, {"role": "r", "config": "work_mem=5MB"}],
      "labels": [{"provider": "se\"l", "label": "it's secret"}]})")),
      (Statements{"ALTER DATABASE \"n\" OWNER TO \"o\"\"x\"", "ALTER DATABASE \"n\" RESET ALL",
                  "ALTER DATABASE \"n\" SET \"search_path\" TO app, public",
                  "ALTER DATABASE \"n\" SET \"search_path\" TO ''",
                  "ALTER DATABASE \"n\" SET \"my\".\"own\" TO 'a=b'",
                  "ALTER ROLE \"r\" IN DATABASE \"n\" SET \"work_mem\" TO '5MB'",
                  "REVOKE ALL ON DATABASE \"n\" FROM PUBLIC",
                  "REVOKE ALL ON DATABASE \"n\" FROM \"o\"\"x\"",
                  "GRANT CONNECT ON DATABASE \"n\" TO PUBLIC",
                  "GRANT TEMPORARY ON DATABASE \"n\" TO \"r\" WITH GRANT OPTION",
                  "ALTER DATABASE \"n\" CONNECTION LIMIT 5", "COMMENT ON DATABASE \"n\" IS 'it''s'",
                  "SECURITY LABEL FOR \"se\"\"l\" ON DATABASE \"n\" IS 'it''s secret'"}));
}

TEST(Properties, LeavesDefaultsAlone) {
  EXPECT_EQ(property_statements("n", record("")), (Statements{"ALTER DATABASE \"n\" RESET ALL"}));
  EXPECT_EQ(property_statements("n", record(R"({"acl": null, "comment": null, "settings": null})")),
            (Statements{"ALTER DATABASE \"n\" RESET ALL"}));
  EXPECT_THROW(property_statements("n", record("no json")), DatabaseError);
}

TEST(Properties, ReadsSingleOnes) {
  const auto one = record(R"({"a": true, "b": false, "c": "x", "d": null, "e": 5})");
  EXPECT_EQ(text_property(one, "a"), "true");
  EXPECT_EQ(text_property(one, "b"), "false");
  EXPECT_EQ(text_property(one, "c"), "x");
  EXPECT_EQ(text_property(one, "d") + text_property(one, "e") + text_property(one, "f"), "");
}

TEST(Properties, ReadsLists) {
  const auto one = record(R"({"a": ["x", "y"], "b": null, "settings": [
      {"role": null, "config": "work_mem=5MB"}, {"role": "r", "config": "my.own=a=b"}]})");
  EXPECT_EQ(list_property(one, "a"), (Statements{"x", "y"}));
  EXPECT_EQ(list_property(one, "b"), Statements{});
  EXPECT_EQ(list_property(one, "c"), Statements{});
  EXPECT_EQ(setting_names(one), (Statements{"work_mem", "my.own"}));
  EXPECT_EQ(setting_names(record("{}")), Statements{});
}

constexpr const char* kRoles = R"({"roles": [
  {"name": "boss", "superuser": true, "login": true, "bootstrap": true, "inherit": true},
  {"name": "app", "login": true, "inherit": true, "connection_limit": 3, "valid_until": "2030-01-01",
   "comment": "the app", "config": ["search_path=a, b", "work_mem=5MB"]},
  {"name": "readers", "inherit": true, "connection_limit": -1}, {"name": "other"}],
  "memberships": [{"role": "readers", "member": "app", "admin": false},
  {"role": "pg_read_all_data", "member": "app", "admin": true},
  {"role": "readers", "member": "other", "admin": false}]})";

TEST(Roles, CreatesWhatIsMissingWithWhatItBelongsTo) {
  EXPECT_EQ(role_statements(kRoles, {"app"}, {"postgres", "pg_read_all_data"}),
            (Statements{"CREATE ROLE \"app\" NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN "
                        "NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 3 VALID UNTIL '2030-01-01'",
                        "COMMENT ON ROLE \"app\" IS 'the app'",
                        "ALTER ROLE \"app\" SET \"search_path\" TO a, b",
                        "ALTER ROLE \"app\" SET \"work_mem\" TO '5MB'",
                        "CREATE ROLE \"readers\" NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB "
                        "NOLOGIN NOREPLICATION NOBYPASSRLS CONNECTION LIMIT -1",
                        "GRANT \"readers\" TO \"app\"",
                        "GRANT \"pg_read_all_data\" TO \"app\" WITH ADMIN OPTION"}));
}

TEST(Roles, LeavesExistingOnesAlone) {
  EXPECT_EQ(role_statements(kRoles, {"app"}, {"app", "readers"}), Statements{});
}

// Its password belongs to the new host, and a second superuser to nobody.
TEST(Roles, BringsTheOldBootstrapSuperuserAsAnOwnerOnly) {
  EXPECT_EQ(role_statements(kRoles, {"boss"}, {"postgres"}),
            Statements{"CREATE ROLE \"boss\" NOLOGIN"});
}

TEST(Roles, InventsOnesThatWereNotRecorded) {
  EXPECT_EQ(role_statements("", {"ghost"}, {}), Statements{"CREATE ROLE \"ghost\" NOLOGIN"});
}

TEST(Roles, KeepsTheOptionsOfNewerServers) {
  EXPECT_EQ(role_statements(R"({"roles": [{"name": "a", "bootstrap": true}], "memberships":
      [{"role": "b", "member": "a", "admin": false, "inherit": true, "set": false}]})",
                            {"a"}, {"b"}),
            (Statements{"CREATE ROLE \"a\" NOLOGIN",
                        "GRANT \"b\" TO \"a\" WITH ADMIN FALSE, INHERIT TRUE, SET FALSE"}));
}

}  // namespace
}  // namespace controller
