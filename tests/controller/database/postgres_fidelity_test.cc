// Everything about a database is after a restore what it was, whatever catalogue it is in.
#include <gmock/gmock.h>

#include "tests/controller/database/postgres_fixture.h"

namespace controller {
namespace {

using testing::IsEmpty;

/// One aspect of a database and the query that shows it, ordered and without any oid.
struct Aspect {
  const char* name;
  const char* query;
};

// A schema of the user's, or none at all.
#define OF_USER(column)                     \
  " JOIN pg_namespace n ON n.oid = " column \
  " WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' "

constexpr Aspect kAspects[] = {
    {"database",
     "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datlocprovider, datcollate,"
     " datctype, datacl, datconnlimit, datistemplate, datallowconn, shobj_description(oid,"
     " 'pg_database'), datcollversion IS NOT DISTINCT FROM "
     "pg_database_collation_actual_version(oid)"
     " FROM pg_database WHERE datname = current_database()"},
    {"settings",
     "SELECT pg_get_userbyid(setrole), setconfig FROM pg_db_role_setting s JOIN pg_database d"
     " ON d.oid = s.setdatabase WHERE d.datname = current_database() ORDER BY 1"},
    {"schemas",
     "SELECT nspname, pg_get_userbyid(nspowner), nspacl, obj_description(oid, 'pg_namespace')"
     " FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1"},
    {"relations",
     "SELECT c.oid::regclass::text, relkind, pg_get_userbyid(relowner), relacl, relpersistence,"
     " relrowsecurity, relforcerowsecurity, relreplident, relispopulated, reloptions, "
     "relispartition,"
     " pg_get_expr(relpartbound, c.oid), obj_description(c.oid, 'pg_class')"
     " FROM pg_class c" OF_USER("c.relnamespace") "ORDER BY 1"},
    {"columns",
     "SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull,"
     " attidentity, attgenerated, attstorage, attcompression, attstattarget, (SELECT array_agg(o) "
     "FROM unnest(attoptions) o WHERE o LIKE 'n_distinct%'), attacl,"
     " attcollation::regcollation, attislocal, pg_get_expr(adbin, adrelid),"
     " col_description(attrelid, attnum) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid"
     " LEFT JOIN pg_attrdef f ON f.adrelid = attrelid AND f.adnum = attnum" OF_USER(
         "c.relnamespace") "AND attnum > 0 AND NOT attisdropped ORDER BY 1, attnum"},
    {"constraints",
     "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(c.oid), convalidated,"
     " obj_description(c.oid, 'pg_constraint') FROM pg_constraint c" OF_USER(
         "c.connamespace") "ORDER BY 1, 2"},
    {"indexes",
     "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), indisvalid, "
     "indisclustered,"
     " indisreplident, (SELECT inhparent::regclass FROM pg_inherits WHERE inhrelid = i.indexrelid)"
     " FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid" OF_USER(
         "c.relnamespace") "ORDER BY 1"},
    {"triggers",
     "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(t.oid), tgenabled FROM pg_trigger t"
     " WHERE NOT tgisinternal ORDER BY 1, 2"},
    {"rules and views",
     "SELECT r.ev_class::regclass::text, rulename, pg_get_ruledef(r.oid), ev_enabled FROM "
     "pg_rewrite"
     " r JOIN pg_class c ON c.oid = r.ev_class" OF_USER("c.relnamespace") "ORDER BY 1, 2"},
    {"policies",
     "SELECT polrelid::regclass::text, polname, polcmd, polpermissive, pg_get_expr(polqual, "
     "polrelid),"
     " pg_get_expr(polwithcheck, polrelid), (SELECT array_agg(pg_get_userbyid(r) ORDER BY 1) FROM"
     " unnest(polroles) r) FROM pg_policy ORDER BY 1, 2"},
    {"functions",
     "SELECT p.oid::regprocedure::text, pg_get_userbyid(proowner), proacl, prosecdef, proconfig,"
     " provolatile, proparallel, prosrc, obj_description(p.oid, 'pg_proc') FROM pg_proc p" OF_USER(
         "p.pronamespace") "ORDER BY 1"},
    {"types",
     "SELECT t.oid::regtype::text, typtype, pg_get_userbyid(typowner), typacl, typdefault,"
     " (SELECT array_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),"
     " obj_description(t.oid, 'pg_type') FROM pg_type t" OF_USER("t.typnamespace") "ORDER BY 1"},
    {"sequences",
     "SELECT schemaname, sequencename, sequenceowner, data_type, start_value, min_value, max_value,"
     " increment_by, cycle, cache_size, last_value FROM pg_sequences ORDER BY 1, 2"},
    {"default privileges",
     "SELECT pg_get_userbyid(defaclrole), defaclnamespace::regnamespace, defaclobjtype, defaclacl"
     " FROM pg_default_acl ORDER BY 1, 2, 3"},
    {"large objects",
     "SELECT oid, pg_get_userbyid(lomowner), lomacl, obj_description(oid, 'pg_largeobject'),"
     " md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY 1"},
    {"publications",
     "SELECT pubname, pg_get_userbyid(pubowner), puballtables, pubinsert, pubupdate, pubdelete,"
     " pubtruncate, pubviaroot, obj_description(p.oid, 'pg_publication'), (SELECT array_agg(t::text"
     " ORDER BY t::text) FROM pg_publication_tables t WHERE t.pubname = p.pubname)"
     " FROM pg_publication p ORDER BY 1"},
    {"subscriptions",
     "SELECT subname, pg_get_userbyid(subowner), subconninfo, subslotname, subsynccommit,"
     " subpublications, subenabled FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid"
     " WHERE d.datname = current_database() ORDER BY 1"},
    {"event triggers",
     "SELECT evtname, evtevent, evtenabled, evttags, pg_get_userbyid(evtowner), evtfoid::regproc,"
     " obj_description(oid, 'pg_event_trigger') FROM pg_event_trigger ORDER BY 1"},
    {"extensions",
     "SELECT extname, extversion, extnamespace::regnamespace, obj_description(oid, 'pg_extension')"
     " FROM pg_extension ORDER BY 1"},
    {"foreign servers",
     "SELECT srvname, pg_get_userbyid(srvowner), srvacl, srvoptions, fdwname, fdwoptions, (SELECT"
     " array_agg(u.usename || u.umoptions::text ORDER BY 1) FROM pg_user_mappings u WHERE u.srvid ="
     " s.oid) FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw ORDER BY "
     "1"},
    {"casts, operators, collations, configurations",
     "SELECT castsource::regtype || '-' || casttarget::regtype || castcontext::text || "
     "castmethod::text FROM"
     " pg_cast WHERE oid >= 16384 UNION ALL SELECT o.oid::regoperator::text || "
     "pg_get_userbyid(oprowner)"
     " FROM pg_operator o" OF_USER(
         "o.oprnamespace") "UNION ALL SELECT c.oid::regcollation::text || collprovider::text ||"
                           " pg_get_userbyid(collowner) FROM pg_collation c" OF_USER(
                               "c.collnamespace") "UNION ALL SELECT c.oid::regconfig::text || "
                                                  "pg_get_userbyid(cfgowner) FROM"
                                                  " pg_ts_config c" OF_USER(
                                                      "c.cfgnamespace") "ORDER BY 1"},
    {"extended statistics",
     "SELECT s.oid::text <> '', pg_get_statisticsobjdef(s.oid), pg_get_userbyid(stxowner),"
     " stxstattarget FROM pg_statistic_ext s" OF_USER("s.stxnamespace") "ORDER BY 2"},
};

constexpr const char* kEverything[] = {
    // Owners, grants and defaults.
    "CREATE ROLE alice; CREATE ROLE bob; CREATE ROLE \"Carol's\";"
    "CREATE SCHEMA shop AUTHORIZATION alice; COMMENT ON SCHEMA shop IS 'it''s a shop';"
    "GRANT USAGE ON SCHEMA shop TO bob; ALTER SCHEMA public OWNER TO bob;"
    "ALTER DEFAULT PRIVILEGES FOR ROLE alice IN SCHEMA shop GRANT SELECT ON TABLES TO bob;"
    "ALTER DEFAULT PRIVILEGES FOR ROLE bob REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    // Types, functions, casts, operators.
    "CREATE TYPE shop.mood AS ENUM ('sad', 'happy')",
    "ALTER TYPE shop.mood ADD VALUE 'meh' BEFORE 'happy'",
    "CREATE DOMAIN shop.price AS numeric(9, 2) DEFAULT 1 CHECK (VALUE > 0);"
    "COMMENT ON TYPE shop.mood IS 'moods'; CREATE TYPE shop.pair AS (a int, b text);"
    "CREATE TYPE shop.span AS RANGE (subtype = float8);"
    "CREATE FUNCTION shop.twice(int) RETURNS int LANGUAGE sql IMMUTABLE SECURITY DEFINER"
    " SET work_mem = '5MB' AS 'SELECT $1 * 2'; ALTER FUNCTION shop.twice(int) OWNER TO alice;"
    "REVOKE ALL ON FUNCTION shop.twice(int) FROM PUBLIC; GRANT EXECUTE ON FUNCTION shop.twice(int)"
    " TO \"Carol's\"; COMMENT ON FUNCTION shop.twice(int) IS 'doubles';"
    "CREATE FUNCTION shop.as_mood(int) RETURNS shop.mood LANGUAGE sql IMMUTABLE AS"
    " 'SELECT ''meh''::shop.mood'; CREATE CAST (int AS shop.mood) WITH FUNCTION shop.as_mood(int)"
    " AS ASSIGNMENT; CREATE OPERATOR shop.<+> (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl);"
    "CREATE AGGREGATE shop.total(int) (SFUNC = int4pl, STYPE = int);"
    "CREATE COLLATION shop.plain FROM \"C\"; CREATE TEXT SEARCH CONFIGURATION shop.simple (COPY ="
    " simple)",
    // Tables and what hangs on them.
    "CREATE TABLE shop.item (id bigint GENERATED ALWAYS AS IDENTITY (START 7 INCREMENT 3) PRIMARY"
    " KEY, name text COLLATE shop.plain NOT NULL, mood shop.mood DEFAULT 'meh', cost shop.price,"
    " twice int GENERATED ALWAYS AS (shop.twice(3)) STORED, \"odd \"\"column\" int);"
    "ALTER TABLE shop.item OWNER TO alice; GRANT SELECT (name), UPDATE (cost) ON shop.item TO bob;"
    "ALTER TABLE shop.item ALTER name SET STORAGE EXTERNAL, ALTER name SET STATISTICS 77,"
    " ALTER name SET (n_distinct = 5); ALTER TABLE shop.item SET (fillfactor = 70);"
    "ALTER TABLE shop.item REPLICA IDENTITY FULL; COMMENT ON TABLE shop.item IS 'things';"
    "COMMENT ON COLUMN shop.item.name IS 'its name'; ALTER TABLE shop.item ENABLE ROW LEVEL"
    " SECURITY; ALTER TABLE shop.item FORCE ROW LEVEL SECURITY;"
    "CREATE POLICY mine ON shop.item AS RESTRICTIVE FOR UPDATE TO bob, \"Carol's\" USING (cost < 9)"
    " WITH CHECK (cost > 0); CREATE UNIQUE INDEX item_name ON shop.item (lower(name)) WHERE cost > "
    "1;"
    "CREATE INDEX item_cover ON shop.item (mood) INCLUDE (name); ALTER TABLE shop.item CLUSTER ON"
    " item_cover; CREATE STATISTICS shop.both (dependencies) ON mood, cost FROM shop.item;"
    "INSERT INTO shop.item (name, mood, cost) SELECT 'item ' || n, 'happy', n FROM"
    " generate_series(1, 50) n",
    "CREATE TABLE shop.part (id int, day date, item bigint REFERENCES shop.item ON DELETE CASCADE"
    " DEFERRABLE INITIALLY DEFERRED, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);"
    "CREATE TABLE shop.part_1 PARTITION OF shop.part FOR VALUES FROM ('2026-01-01') TO "
    "('2027-01-01');"
    "CREATE TABLE shop.part_rest PARTITION OF shop.part DEFAULT; CREATE INDEX ON shop.part (item);"
    "ALTER TABLE shop.part ADD CONSTRAINT later CHECK (id < 100) NOT VALID;"
    "COMMENT ON CONSTRAINT later ON shop.part IS 'not checked yet';"
    "CREATE TABLE shop.base (a int); CREATE TABLE shop.derived (b int) INHERITS (shop.base);"
    "CREATE UNLOGGED TABLE shop.scratch AS SELECT 1 AS one;"
    "CREATE TABLE public.serial_one (id serial, v int); SELECT setval('serial_one_id_seq', 41, "
    "false);"
    "CREATE SEQUENCE shop.free AS smallint INCREMENT -2 MINVALUE -100 MAXVALUE 100 START 50 CYCLE;"
    "SELECT nextval('shop.free'); COMMENT ON SEQUENCE shop.free IS 'backwards'",
    "INSERT INTO shop.part VALUES (1, '2026-05-05', 7), (2, '2030-01-01', 10)",
    // Views, rules, triggers.
    "CREATE VIEW shop.cheap WITH (security_barrier) AS SELECT id, name FROM shop.item WHERE cost < "
    "5;"
    "ALTER VIEW shop.cheap OWNER TO bob; CREATE RULE no_insert AS ON INSERT TO shop.cheap DO "
    "INSTEAD"
    " NOTHING; CREATE MATERIALIZED VIEW shop.sums AS SELECT count(*) FROM shop.part;"
    "CREATE MATERIALIZED VIEW shop.unfilled AS SELECT 1 AS one WITH NO DATA;"
    "CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
    "CREATE TRIGGER on_part BEFORE INSERT ON shop.part FOR EACH ROW EXECUTE FUNCTION shop.touch();"
    "CREATE TRIGGER off_one AFTER UPDATE OF name ON shop.item FOR EACH ROW EXECUTE FUNCTION"
    " shop.touch(); ALTER TABLE shop.item DISABLE TRIGGER off_one;"
    "CREATE TRIGGER always_one AFTER DELETE ON shop.item FOR EACH STATEMENT EXECUTE FUNCTION"
    " shop.touch(); ALTER TABLE shop.item ENABLE ALWAYS TRIGGER always_one",
    // Large objects.
    "SELECT lo_from_bytea(4000000000, decode(repeat('00ff', 3000), 'hex')); SELECT lo_create(5001);"
    "ALTER LARGE OBJECT 5001 OWNER TO alice; GRANT SELECT ON LARGE OBJECT 5001 TO bob;"
    "COMMENT ON LARGE OBJECT 4000000000 IS 'a large one'",
    // Extensions and foreign servers.
    "CREATE SCHEMA ext; CREATE EXTENSION hstore SCHEMA ext; COMMENT ON EXTENSION hstore IS 'ours';"
    "CREATE FOREIGN DATA WRAPPER wrapper OPTIONS (debug 'true'); CREATE SERVER far FOREIGN DATA"
    " WRAPPER wrapper OPTIONS (host 'far.example'); ALTER SERVER far OWNER TO alice;"
    "GRANT USAGE ON FOREIGN SERVER far TO bob; CREATE USER MAPPING FOR bob SERVER far OPTIONS "
    "(password"
    " 'x'); CREATE FOREIGN TABLE shop.remote (a int) SERVER far OPTIONS (name 'r')",
    // Replication.
    "CREATE PUBLICATION chosen FOR TABLE shop.item, shop.part WITH (publish = 'insert, delete',"
    " publish_via_partition_root = true); CREATE PUBLICATION everything FOR ALL TABLES;"
    "ALTER PUBLICATION chosen OWNER TO alice; COMMENT ON PUBLICATION chosen IS 'some of it';"
    "CREATE SUBSCRIPTION feed CONNECTION 'host=127.0.0.1 port=1' PUBLICATION far_one, far_two"
    " WITH (connect = false, slot_name = 'their_slot', synchronous_commit = 'local')",
    // Of the database itself.
    "ALTER DATABASE app OWNER TO alice; COMMENT ON DATABASE app IS 'the shop''s';"
    "ALTER DATABASE app CONNECTION LIMIT 42; ALTER DATABASE app SET search_path = shop, \"$user\";"
    "ALTER ROLE bob IN DATABASE app SET work_mem = '7MB';"
    "REVOKE ALL ON DATABASE app FROM PUBLIC; GRANT CONNECT, TEMPORARY ON DATABASE app TO bob WITH"
    " GRANT OPTION",
};

// Would fail at every statement that a restore runs after it.
constexpr const char* kEventTriggers =
    "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS"
    " $$BEGIN RAISE EXCEPTION 'no % here', tg_tag; END$$;"
    "CREATE EVENT TRIGGER no_refresh ON ddl_command_start EXECUTE FUNCTION no();"
    "CREATE EVENT TRIGGER no_comment ON ddl_command_end WHEN TAG IN ('COMMENT') EXECUTE FUNCTION "
    "no();"
    "COMMENT ON EVENT TRIGGER no_refresh IS 'strict';"
    "ALTER EVENT TRIGGER no_comment ENABLE ALWAYS;"
    "CREATE EVENT TRIGGER off ON sql_drop EXECUTE FUNCTION no(); ALTER EVENT TRIGGER off DISABLE";

class PostgresFidelityTest : public PostgresVersionTest {
 protected:
  int version() { return std::stoi(sql("template1", "SHOW server_version_num")); }

  Rows portrait(const Aspect& aspect) {
    auto connection = server_.connect("app");
    connection.value("SET search_path = pg_catalog");
    return connection.rows(aspect.query);
  }
};

TEST_P(PostgresFidelityTest, KeepsEverythingThatADatabaseHas) {
  create("app", "SELECT");
  for (const char* statements : kEverything) {
    sql("app", statements);
  }
  sql("app", kEventTriggers);
  if (version() >= 170000) {
    sql("app",
        "SET event_triggers = off;"
        "CREATE TABLE public.logins (at timestamptz DEFAULT now());"
        "CREATE FUNCTION public.note() RETURNS event_trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'nobody may log in'; END$$;"
        "CREATE EVENT TRIGGER at_login ON login EXECUTE FUNCTION public.note();"
        "ALTER EVENT TRIGGER at_login DISABLE");
  }
  sql("template1", "ALTER DATABASE app SET default_transaction_read_only = on");
  std::vector<Rows> before;
  for (const auto& aspect : kAspects) {
    before.push_back(portrait(aspect));
    EXPECT_FALSE(before.back().empty()) << aspect.name << " shows nothing";
  }
  const auto record = dump("app");

  ASSERT_THAT(restore(record), IsEmpty());

  for (std::size_t at = 0; at < std::size(kAspects); ++at) {
    EXPECT_EQ(portrait(kAspects[at]), before[at]) << kAspects[at].name;
  }
}

INSTANTIATE_TEST_SUITE_P(Servers, PostgresFidelityTest, kPostgresVersions, name_of_version);

class PostgresLoginTriggerTest : public PostgresVersionTest {};

// They would run at our logins, too: shut us out, or write rows that the snapshot does not have.
TEST_P(PostgresLoginTriggerTest, IsNotSetOff) {
  create("app", "CREATE TABLE login (at timestamptz DEFAULT now())");
  sql("app",
      "CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS"
      " $$BEGIN INSERT INTO public.login DEFAULT VALUES; END$$;"
      "CREATE EVENT TRIGGER at_login ON login EXECUTE FUNCTION note()");
  const auto record = dump("app");
  const auto staged = session().stage(record, server_record_, directory_, "job1");
  EXPECT_THAT(staged->verify(), IsEmpty());
  staged->commit();
  EXPECT_EQ(record.tables.at(0).rows + 1,
            std::stoull(sql("app", "SELECT count(*) FROM login")));  // our own just now
  staged->discard();
}

INSTANTIATE_TEST_SUITE_P(Servers, PostgresLoginTriggerTest,
                         testing::Values("cofferdam-test/postgres:17"), name_of_version);

}  // namespace
}  // namespace controller
