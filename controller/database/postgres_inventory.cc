#include "controller/database/postgres_inventory.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "controller/database/postgres_needs.h"
#include "controller/database/sql_text.h"

namespace controller {

namespace {

constexpr std::size_t kTablesPerQuery = 200;

std::string text(const SqlRow& row, std::size_t column) {
  return column < row.size() ? row[column].value_or("") : "";
}

std::uint64_t number(const std::string& digits) {
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// The columns that describe a locale have changed name and place with the versions.
std::string locale_columns(int version) {
  const std::string provider = version >= 150000 ? "d.datlocprovider::text" : "'c'";
  const std::string locale = version >= 170000   ? "d.datlocale"
                             : version >= 150000 ? "d.daticulocale"
                                                 : "NULL::text";
  const std::string recorded = version >= 150000 ? "d.datcollversion" : "NULL::text";
  return "CASE " + provider + " WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END, " +
         locale + ", " + recorded;
}

// What a restore into a database of another name does not bring.
constexpr std::string_view kProperties =
    "jsonb_build_object('owner', pg_get_userbyid(d.datdba), 'connection_limit', d.datconnlimit,"
    " 'tablespace', t.spcname, 'comment', shobj_description(d.oid, 'pg_database'),"
    " 'acl', CASE WHEN d.datacl IS NOT NULL THEN (SELECT jsonb_agg(jsonb_build_object("
    "   'grantee', CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee) END,"
    "   'privilege', a.privilege_type, 'grantable', a.is_grantable)) FROM aclexplode(d.datacl) a) "
    "END,"
    " 'settings', (SELECT jsonb_agg(jsonb_build_object("
    "   'role', CASE WHEN s.setrole <> 0 THEN pg_get_userbyid(s.setrole) END, 'config', c.config)"
    "   ORDER BY s.setrole, c.place) FROM pg_db_role_setting s,"
    "   unnest(s.setconfig) WITH ORDINALITY AS c(config, place)"
    "   WHERE s.setdatabase = d.oid AND c.config NOT LIKE 'cofferdam.%'"
    "   AND c.config NOT LIKE 'timescaledb.restoring=%'),"
    " 'search_path', (SELECT reset_val FROM pg_settings WHERE name = 'search_path'),"
    " 'has_public_schema', EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public'),"
    " 'server_collation_version', (SELECT DISTINCT collversion FROM pg_collation"
    "   WHERE collversion IS NOT NULL AND collprovider = 'c' LIMIT 1))";

// Owners and grantees are in pg_shdepend, except for the bootstrap superuser, who is in none.
constexpr std::string_view kRoles =
    "WITH own AS (SELECT oid FROM pg_database WHERE datname = current_database()),"
    " outside AS (SELECT oid, nspowner FROM pg_namespace"
    "   WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),"
    " member AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e')"
    " SELECT r.rolname FROM pg_roles r WHERE r.rolname !~ '^pg_' AND (r.oid IN ("
    "   SELECT s.refobjid FROM pg_shdepend s, own WHERE s.refclassid = 'pg_authid'::regclass"
    "   AND (s.dbid = own.oid OR (s.classid = 'pg_database'::regclass AND s.objid = own.oid)))"
    "  OR r.oid IN (SELECT s.setrole FROM pg_db_role_setting s, own WHERE s.setdatabase = own.oid)"
    "  OR r.oid IN (SELECT datdba FROM pg_database WHERE datname = current_database())"
    "  OR r.oid IN (SELECT n.nspowner FROM pg_namespace n JOIN outside USING (oid)"
    "     WHERE n.nspname <> 'public')"
    "  OR r.oid IN (SELECT c.relowner FROM pg_class c JOIN outside o ON o.oid = c.relnamespace"
    "     WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_class'::regclass"
    "     AND m.objid = c.oid))"
    "  OR r.oid IN (SELECT p.proowner FROM pg_proc p JOIN outside o ON o.oid = p.pronamespace"
    "     WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_proc'::regclass"
    "     AND m.objid = p.oid))) ORDER BY 1";

// In no catalogue of PostgreSQL's own.
constexpr std::string_view kJobOwners =
    "SELECT r.rolname FROM pg_roles r WHERE EXISTS (SELECT FROM timescaledb_information.jobs j"
    " WHERE j.owner::text IN (r.rolname, quote_ident(r.rolname))) ORDER BY 1";

constexpr std::string_view kTables =
    "SELECT c.oid, n.nspname, c.relname, c.relkind = 'p', e.oid IS NOT NULL,"
    " e.oid IS NULL OR f.condition IS NOT NULL, coalesce(f.condition, '')"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid"
    "   AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass"
    " LEFT JOIN pg_extension e ON e.oid = d.refobjid"
    " LEFT JOIN LATERAL (SELECT coalesce(u.condition, '') AS condition"
    "   FROM unnest(e.extconfig, e.extcondition) AS u(relation, condition)"
    "   WHERE u.relation = c.oid) f ON true"
    " WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_'"
    " AND n.nspname <> 'information_schema' AND has_table_privilege(c.oid, 'SELECT') ORDER BY "
    "c.oid";

}  // namespace

std::vector<PostgresTable> postgres_tables(SqlConnection& connection) {
  std::vector<PostgresTable> tables;
  for (const auto& row : connection.query(kTables)) {
    PostgresTable table;
    table.oid = text(row, 0);
    table.schema = text(row, 1);
    table.name = text(row, 2);
    table.partitioned = text(row, 3) == "t";
    table.of_extension = text(row, 4) == "t";
    table.dumped = text(row, 5) == "t" && !table.partitioned;
    table.condition = text(row, 6);
    tables.push_back(std::move(table));
  }
  return tables;
}

DatabaseRecord database_record(SqlConnection& connection, const std::string& database) {
  DatabaseRecord record;
  record.engine = "postgres";
  record.name = database;
  record.server_version_number = connection.server_version();
  const auto rows = connection.query(
      "SELECT current_setting('server_version'), pg_encoding_to_char(d.encoding), d.datcollate,"
      " d.datctype, pg_get_userbyid(d.datdba), pg_database_size(d.oid),"
      " to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), " +
      std::string(kProperties) +
      (record.server_version_number >= 160000 ? " || jsonb_build_object('icu_rules', d.daticurules)"
                                              : "") +
      " || " + needs_expression(record.server_version_number) +
      ", (SELECT count(*) FROM pg_largeobject_metadata), " +
      locale_columns(record.server_version_number) +
      " FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace"
      " WHERE d.datname = current_database()");
  if (rows.empty()) {
    throw DatabaseError("database " + database + " is not in its own catalogue");
  }
  const SqlRow& row = rows.front();
  record.server_version = text(row, 0);
  record.encoding = text(row, 1);
  record.collation = text(row, 2);
  record.character_type = text(row, 3);
  record.owner = text(row, 4);
  record.size_bytes = number(text(row, 5));
  record.taken_at = text(row, 6);
  record.properties = text(row, 7);
  record.large_objects = number(text(row, 8));
  record.locale_provider = text(row, 9);
  record.locale = text(row, 10);
  record.collation_version = text(row, 11);
  for (const auto& extension :
       connection.query("SELECT e.extname, e.extversion, n.nspname FROM pg_extension e"
                        " JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY 1")) {
    record.extensions.push_back({text(extension, 0), text(extension, 1), text(extension, 2)});
  }
  for (const auto& role : connection.query(kRoles)) {
    record.roles.push_back(text(role, 0));
  }
  if (!connection.value("SELECT to_regclass('timescaledb_information.jobs')").empty()) {
    for (const auto& owner : connection.query(kJobOwners)) {
      if (std::find(record.roles.begin(), record.roles.end(), text(owner, 0)) ==
          record.roles.end()) {
        record.roles.push_back(text(owner, 0));
      }
    }
  }
  return record;
}

std::vector<TableRecord> counted(SqlConnection& connection,
                                 const std::vector<PostgresTable>& tables) {
  std::vector<TableRecord> records;
  for (const auto& table : tables) {
    if (table.dumped) {
      records.push_back({table.schema, table.name, 0, ""});
    }
  }
  std::map<std::pair<std::string, std::string>, std::string> conditions;
  for (const auto& table : tables) {
    conditions[{table.schema, table.name}] = table.condition;
  }
  for (std::size_t first = 0; first < records.size(); first += kTablesPerQuery) {
    std::string sql;
    for (std::size_t at = first; at < std::min(first + kTablesPerQuery, records.size()); ++at) {
      const auto& record = records[at];
      sql += sql.empty() ? "" : " UNION ALL ";
      sql += "SELECT " + std::to_string(at) + ", count(*) FROM ONLY " + quoted_name(record.schema) +
             "." + quoted_name(record.name) + " " + conditions[{record.schema, record.name}];
    }
    for (const auto& row : connection.query(sql)) {
      records.at(number(text(row, 0))).rows = number(text(row, 1));
    }
  }
  return records;
}

std::string roles_json(SqlConnection& connection) {
  const std::string options = connection.server_version() >= 160000
                                  ? ", 'inherit', a.inherit_option, 'set', a.set_option"
                                  : "";
  return connection.value(
      "SELECT jsonb_build_object('roles', (SELECT jsonb_agg(jsonb_build_object("
      "'name', r.rolname, 'superuser', r.rolsuper, 'inherit', r.rolinherit,"
      " 'create_role', r.rolcreaterole, 'create_database', r.rolcreatedb, 'login', r.rolcanlogin,"
      " 'replication', r.rolreplication, 'bypass_rls', r.rolbypassrls,"
      " 'connection_limit', r.rolconnlimit, 'valid_until', r.rolvaliduntil::text,"
      " 'bootstrap', r.oid = 10, 'comment', shobj_description(r.oid, 'pg_authid'),"
      " 'config', (SELECT to_jsonb(s.setconfig) FROM pg_db_role_setting s"
      "   WHERE s.setrole = r.oid AND s.setdatabase = 0)) ORDER BY r.rolname)"
      " FROM pg_roles r WHERE r.rolname !~ '^pg_'),"
      " 'memberships', (SELECT jsonb_agg(jsonb_build_object('role', g.rolname, 'member', m.rolname,"
      "   'admin', a.admin_option" +
      options +
      ") ORDER BY g.rolname, m.rolname) FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid"
      " JOIN pg_roles m ON m.oid = a.member WHERE m.rolname !~ '^pg_'))");
}

std::vector<std::string> disagreements(const DumpContents& found,
                                       const std::vector<TableRecord>& tables,
                                       std::uint64_t large_objects) {
  std::vector<std::string> texts;
  std::map<std::pair<std::string, std::string>, const DumpedTable*> dumped;
  for (const auto& table : found.tables) {
    dumped[{table.schema, table.name}] = &table;
  }
  for (const auto& table : tables) {
    const std::string name = "table " + table.schema + "." + table.name;
    const auto at = dumped.find({table.schema, table.name});
    if (at == dumped.end()) {
      texts.push_back(name + " is missing");
      continue;
    }
    const CopyTotals& totals = at->second->totals;
    if (totals.rows != table.rows) {
      texts.push_back(name + " has " + std::to_string(totals.rows) + " rows instead of " +
                      std::to_string(table.rows));
    } else if (!table.checksum.empty() && checksum_text(totals.checksum) != table.checksum) {
      texts.push_back(name + " has other rows");
    }
    dumped.erase(at);
  }
  for (const auto& [name, table] : dumped) {
    texts.push_back("table " + name.first + "." + name.second + " was not expected");
  }
  if (found.large_objects != large_objects) {
    texts.push_back(std::to_string(found.large_objects) + " large objects instead of " +
                    std::to_string(large_objects));
  }
  return texts;
}

}  // namespace controller
