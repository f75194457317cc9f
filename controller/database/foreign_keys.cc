#include "controller/database/foreign_keys.h"

namespace controller {

namespace {

// A partition's rows are subject to the keys of the table that it is a part of: those are looked at
// as a whole, not their copies on every partition.  A null in any column refers to nothing, unless
// the key is MATCH FULL, where all must be null.
constexpr std::string_view kKeys =
    "WITH RECURSIVE own(oid) AS (SELECT %oid::oid UNION SELECT i.inhparent FROM own o"
    "  JOIN pg_inherits i ON i.inhrelid = o.oid JOIN pg_class c ON c.oid = i.inhrelid"
    "  WHERE c.relispartition),"
    " columns AS (SELECT c.oid, string_agg(format('p.%I OPERATOR(%I.%s) r.%I', k.attname,"
    "   o.nspname, o.oprname, f.attname), ' AND ' ORDER BY u.n) AS equal,"
    "  string_agg(format('r.%I IS NOT NULL', f.attname), CASE c.confmatchtype WHEN 'f' THEN ' OR '"
    "   ELSE ' AND ' END ORDER BY u.n) AS present"
    "  FROM pg_constraint c, unnest(c.conkey, c.confkey, c.conpfeqop) WITH ORDINALITY"
    "   AS u(referring, referred, operator, n)"
    "  JOIN LATERAL (SELECT n.nspname, p.oprname FROM pg_operator p JOIN pg_namespace n"
    "   ON n.oid = p.oprnamespace WHERE p.oid = u.operator) o ON true"
    "  JOIN LATERAL (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.conrelid"
    "   AND a.attnum = u.referring) f ON true"
    "  JOIN LATERAL (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.confrelid"
    "   AND a.attnum = u.referred) k ON true"
    "  WHERE c.contype = 'f' GROUP BY c.oid, c.confmatchtype)"
    " SELECT c.conname, c.conrelid::regclass, c.confrelid::regclass,"
    "  c.conrelid IN (SELECT oid FROM own),"
    "  format('SELECT count(*) FROM %s%s r WHERE (%s) AND NOT EXISTS (SELECT FROM %s%s p WHERE "
    "%s)',"
    "   CASE WHEN r.relkind = 'r' THEN 'ONLY ' ELSE '' END, c.conrelid::regclass, l.present,"
    "   CASE WHEN p.relkind = 'r' THEN 'ONLY ' ELSE '' END, c.confrelid::regclass, l.equal)"
    " FROM pg_constraint c JOIN columns l ON l.oid = c.oid JOIN pg_class r ON r.oid = c.conrelid"
    " JOIN pg_class p ON p.oid = c.confrelid WHERE c.contype = 'f' AND c.convalidated"
    " AND c.conparentid = 0 AND (c.conrelid IN (SELECT oid FROM own)"
    "  OR c.confrelid IN (SELECT oid FROM own)) ORDER BY 2, 1";

}  // namespace

std::vector<ForeignKey> foreign_keys(SqlConnection& connection, const std::string& oid) {
  std::string sql(kKeys);
  constexpr std::string_view kPlace = "%oid";
  sql.replace(sql.find(kPlace), kPlace.size(), oid);
  std::vector<ForeignKey> keys;
  for (const auto& row : connection.query(sql)) {
    const auto text = [&](std::size_t column) { return row.at(column).value_or(""); };
    keys.push_back({text(0), text(1), text(2), text(3) == "t", text(4)});
  }
  return keys;
}

}  // namespace controller
