#include "controller/database/postgres_needs.h"

#include <array>
#include <string_view>

namespace controller {

namespace {

constexpr int kVersionWithSchemaPublications = 150000;

// Neither the system's nor an extension's, which its script creates.
constexpr std::string_view kUsersSchema =
    " JOIN pg_namespace n ON n.oid = x.%namespace"
    " WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND ";
constexpr std::string_view kNoMember =
    "NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '%catalog'::regclass"
    " AND d.objid = x.oid AND d.deptype = 'e')";
constexpr std::string_view kUserMade = " WHERE x.oid >= 16384 AND ";

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::string no_member(std::string_view catalog) {
  return replaced(std::string(kNoMember), "%catalog", catalog);
}

std::string in_users_schema(std::string_view catalog, std::string_view prefix) {
  return replaced(std::string(kUsersSchema), "%", prefix) + no_member(catalog);
}

/// One kind of object that only a superuser may create.
struct Kind {
  std::string_view text;     // an expression that names it
  std::string_view catalog;  // the table "x"
  std::string_view schema;   // prefix of its column "…namespace"; empty: it has none
  std::string_view only;     // a further condition
};

constexpr std::array kKinds = {
    Kind{"'event trigger ' || x.evtname", "pg_event_trigger", "", "true"},
    Kind{"'publication ' || x.pubname || ' for all tables'", "pg_publication", "",
         "x.puballtables"},
    Kind{"'foreign-data wrapper ' || x.fdwname", "pg_foreign_data_wrapper", "", "true"},
    Kind{"'language ' || x.lanname", "pg_language", "", "true"},
    Kind{"'access method ' || x.amname", "pg_am", "", "true"},
    Kind{"'cast from ' || x.castsource::regtype || ' to ' || x.casttarget::regtype", "pg_cast", "",
         "x.castmethod = 'b'"},
    Kind{"'function ' || x.oid::regprocedure || ' in ' || (SELECT lanname FROM pg_language l"
         " WHERE l.oid = x.prolang)",
         "pg_proc", "pro",
         "EXISTS (SELECT FROM pg_language l WHERE l.oid = x.prolang AND NOT l.lanpltrusted)"},
    Kind{"'type ' || x.oid::regtype", "pg_type", "typ", "x.typtype = 'b' AND x.typcategory <> 'A'"},
    Kind{"'operator class ' || x.opcname", "pg_opclass", "opc", "true"},
    Kind{"'text search parser ' || x.prsname", "pg_ts_parser", "prs", "true"},
    Kind{"'text search template ' || x.tmplname", "pg_ts_template", "tmpl", "true"},
};

std::string superuser_objects(int version) {
  std::string sql =
      "SELECT 'subscription ' || x.subname FROM pg_subscription x"
      " WHERE x.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())";
  if (version >= kVersionWithSchemaPublications) {
    sql +=
        " UNION ALL SELECT 'publication ' || p.pubname || ' for tables in a schema'"
        " FROM pg_publication p WHERE EXISTS (SELECT FROM pg_publication_namespace s"
        " WHERE s.pnpubid = p.oid)";
  }
  for (const auto& kind : kKinds) {
    sql += " UNION ALL SELECT " + std::string(kind.text) + " FROM " + std::string(kind.catalog) +
           " x" +
           (kind.schema.empty() ? std::string(kUserMade) + no_member(kind.catalog)
                                : in_users_schema(kind.catalog, kind.schema)) +
           " AND " + std::string(kind.only);
  }
  return sql;
}

// Indexes, arrays and the like go with what they belong to, and are no members of its extension.
std::string owners() {
  return "SELECT x.relowner FROM pg_class x" + in_users_schema("pg_class", "rel") +
         " AND x.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')"
         " UNION SELECT x.proowner FROM pg_proc x" +
         in_users_schema("pg_proc", "pro") + " UNION SELECT x.typowner FROM pg_type x" +
         in_users_schema("pg_type", "typ") +
         " AND x.typtype IN ('b', 'd', 'e', 'r') AND x.typcategory <> 'A'"
         " UNION SELECT x.nspowner FROM pg_namespace x WHERE x.nspname !~ '^pg_'"
         "   AND x.nspname NOT IN ('public', 'information_schema') AND " +
         no_member("pg_namespace") +
         " UNION SELECT x.lomowner FROM pg_largeobject_metadata x"
         " UNION SELECT x.defaclrole FROM pg_default_acl x";
}

// initdb's collations come from the system; those that every server has cannot be depended on.
constexpr std::string_view kCollations =
    "SELECT DISTINCT c.collname FROM pg_depend d JOIN pg_collation c"
    " ON d.refclassid = 'pg_collation'::regclass AND d.refobjid = c.oid"
    " JOIN pg_namespace n ON n.oid = c.collnamespace WHERE n.nspname = 'pg_catalog'"
    " AND d.deptype = 'n'";

constexpr std::string_view kLabels =
    "SELECT s.provider, s.label FROM pg_shseclabel s JOIN pg_database d"
    " ON s.classoid = 'pg_database'::regclass AND s.objoid = d.oid"
    " WHERE d.datname = current_database()";

}  // namespace

std::string needs_expression(int version) {
  const auto list = [](const std::string& name, const std::string& sql) {
    return "'" + name + "', (SELECT jsonb_agg(v ORDER BY v) FROM (" + sql + ") AS all_of(v))";
  };
  const std::string labels(kLabels);
  return "jsonb_build_object(" + list("needs_superuser", superuser_objects(version)) + ", " +
         list("object_owners",
              "SELECT pg_get_userbyid(o.owner) FROM (" + owners() + ") AS o(owner)") +
         ", " + list("collations", std::string(kCollations)) + ", " +
         list("label_providers",
              "SELECT provider FROM pg_seclabel UNION SELECT l.provider FROM (" + labels + ") l") +
         ", 'labels', (SELECT jsonb_agg(jsonb_build_object('provider', l.provider, 'label',"
         " l.label)) FROM (" +
         labels + ") l))";
}

}  // namespace controller
