// Restoring beside the live database and swapping, against a real server.
#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "controller/archive/artifact.h"
#include "tests/controller/database/postgres_fixture.h"

namespace controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kThousandRows =
    "CREATE TABLE t (id int PRIMARY KEY, v text);"
    "INSERT INTO t SELECT n, 'row ' || n FROM generate_series(1, 1000) n";

class PostgresRestoreTest : public PostgresTest {
 protected:
  std::unique_ptr<StagedDatabase> stage(const DatabaseRecord& record,
                                        const std::string& job = "job1") {
    return session().stage(record, server_record_, directory_, job);
  }

  void note_roles() { server_record_ = session().server(request()); }

  std::string roles() {
    return sql(
        "template1",
        "SELECT string_agg(rolname, ', ' ORDER BY rolname) FROM pg_roles WHERE oid >= 16384");
  }
};

TEST_F(PostgresRestoreTest, BringsBackWhatWasThereAndNothingElse) {
  create("app", kThousandRows);
  const auto record = dump("app");
  sql("app", "DELETE FROM t WHERE id > 10; CREATE TABLE newer (id int)");

  EXPECT_THAT(restore(record), IsEmpty());

  EXPECT_EQ(sql("app", "SELECT count(*) FROM t"), "1000");
  EXPECT_EQ(sql("app", "SELECT to_regclass('newer') IS NULL"), "t");
  EXPECT_EQ(sql("app", "SELECT count(*) > 0 FROM pg_stats WHERE tablename = 't'"), "t");
  EXPECT_EQ(names(), "app");
}

TEST_F(PostgresRestoreTest, LeavesTheLiveDatabaseAloneUntilTheSwap) {
  create("app", kThousandRows);
  const auto record = dump("app");
  sql("app", "DELETE FROM t WHERE id > 10");
  auto application = server_.connect("app");

  const auto staged = stage(record);

  EXPECT_THAT(staged->verify(), IsEmpty());
  EXPECT_EQ(staged->staged_name(), "app__new_job1");
  EXPECT_EQ(staged->previous_name(), "app__old_job1");
  EXPECT_EQ(application.value("SELECT count(*) FROM t"), "10");
  staged->discard();
  EXPECT_EQ(application.value("SELECT count(*) FROM t"), "10");
  EXPECT_EQ(names(), "app");
}

// pg_restore --clean doubles or loses rows when the application has migrated since.
TEST_F(PostgresRestoreTest, DoesNotCareWhatTheApplicationMigrated) {
  create("app", std::string(kThousandRows) +
                    "; CREATE TABLE orders (id int, day date, PRIMARY KEY (id, day))"
                    " PARTITION BY RANGE (day);"
                    "CREATE TABLE orders_1 PARTITION OF orders"
                    " FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');"
                    "INSERT INTO orders VALUES (1, '2026-05-05');"
                    "CREATE TABLE parent (a int); CREATE TABLE child (b int) INHERITS (parent);"
                    "INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2, 3)");
  const auto record = dump("app");
  sql("app",
      "CREATE TABLE newer (t_id int REFERENCES t); CREATE VIEW v AS SELECT * FROM orders;"
      "INSERT INTO newer VALUES (1)");

  EXPECT_THAT(restore(record), IsEmpty());

  EXPECT_EQ(sql("app", "SELECT count(*) FROM orders"), "1");
  EXPECT_EQ(sql("app", "SELECT count(*) FROM ONLY parent"), "1");
  EXPECT_EQ(sql("app", "SELECT count(*) FROM pg_class WHERE relname IN ('newer', 'v')"), "0");
}

TEST_F(PostgresRestoreTest, UndoesASwap) {
  create("app", kThousandRows);
  const auto record = dump("app");
  sql("app", "DELETE FROM t WHERE id > 10");
  const auto staged = stage(record);

  staged->commit();
  EXPECT_EQ(sql("app", "SELECT count(*) FROM t"), "1000");
  EXPECT_EQ(names(), "app, app__old_job1");
  EXPECT_THROW(sql("app__old_job1", "SELECT 1"), std::runtime_error);
  staged->undo();

  EXPECT_EQ(sql("app", "SELECT count(*) FROM t"), "10");
  staged->discard();
  EXPECT_EQ(names(), "app");
  EXPECT_EQ(sql("template1", "SELECT count(*) FROM pg_db_role_setting"), "0");
}

TEST_F(PostgresRestoreTest, CreatesADatabaseThatIsGone) {
  create("app", kThousandRows);
  const auto record = dump("app");
  sql("template1", "DROP DATABASE app");

  const auto staged = stage(record);
  staged->commit();
  EXPECT_EQ(sql("app", "SELECT count(*) FROM t"), "1000");
  staged->undo();
  EXPECT_EQ(names(), "app__new_job1");
  staged->commit();
  staged->discard();
  EXPECT_EQ(names(), "app");
}

TEST_F(PostgresRestoreTest, RestoresThePlainFormatToo) {
  create("app", std::string(kThousandRows) + "; SELECT lo_from_bytea(0, 'large')");
  const auto record = dump("app", DumpFormat::Plain);
  sql("app", "TRUNCATE t");

  EXPECT_THAT(restore(record), IsEmpty());
  EXPECT_EQ(sql("app", "SELECT count(*) FROM t"), "1000");
  EXPECT_EQ(sql("app", "SELECT convert_from(lo_get(loid), 'UTF8') FROM pg_largeobject"), "large");
}

// pg_restore's empty search_path: "function helper(text) does not exist".
TEST_F(PostgresRestoreTest, RestoresFunctionsThatCountOnASearchPath) {
  create(
      "app",
      "CREATE SCHEMA shop; CREATE EXTENSION hstore SCHEMA shop;"
      "ALTER DATABASE app SET search_path = shop, public; SET search_path = shop, public;"
      "CREATE FUNCTION shop.helper(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';"
      "CREATE FUNCTION shop.outer_one(text) RETURNS text LANGUAGE plpgsql IMMUTABLE"
      " AS 'BEGIN RETURN helper($1); END';"
      "CREATE TABLE t (v text, w text GENERATED ALWAYS AS (shop.outer_one(v)) STORED);"
      "CREATE INDEX ON t (shop.outer_one(v)); INSERT INTO t VALUES ('ABC')");
  // More than one piece of the file.
  sql("app", "CREATE TABLE shop.filler AS SELECT gen_random_uuid() FROM generate_series(1, 30000)");
  for (const auto format : {DumpFormat::Custom, DumpFormat::Plain}) {
    const auto record = dump("app", format);
    EXPECT_THAT(restore(record), IsEmpty());
    EXPECT_EQ(sql("app", "SELECT w FROM shop.t"), "abc");
  }
}

TEST_F(PostgresRestoreTest, CreatesMissingRolesAndAltersNone) {
  create(
      "app",
      "CREATE ROLE owner_role LOGIN PASSWORD 'x' CONNECTION LIMIT 3; CREATE ROLE \"odd \"\"one\";"
      "CREATE ROLE granted; GRANT granted TO owner_role; CREATE ROLE unrelated;"
      "CREATE ROLE kept CONNECTION LIMIT 5;"
      "ALTER ROLE owner_role SET search_path = a, \"B c\";"
      "ALTER DATABASE app OWNER TO owner_role;" +
          std::string(kThousandRows) +
          "; GRANT SELECT ON t TO \"odd \"\"one\", kept;"
          "ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t TO owner_role USING "
          "(true)");
  const auto record = dump("app");
  note_roles();
  sql("template1", "DROP DATABASE app");
  sql("template1", "DROP ROLE owner_role, \"odd \"\"one\", granted, unrelated");
  sql("template1", "ALTER ROLE kept CONNECTION LIMIT 9");

  EXPECT_THAT(restore(record), IsEmpty());

  EXPECT_EQ(roles(), "granted, kept, odd \"one, owner_role");
  EXPECT_EQ(sql("template1", "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'kept'"), "9");
  EXPECT_EQ(sql("template1",
                "SELECT rolcanlogin::text || rolconnlimit || rolconfig::text"
                " FROM pg_roles WHERE rolname = 'owner_role'"),
            "true3{\"search_path=a, \\\"B c\\\"\"}");
  EXPECT_EQ(sql("template1", "SELECT pg_has_role('owner_role', 'granted', 'MEMBER')"), "t");
  EXPECT_EQ(sql("app", "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'app'"),
            "owner_role");
}

TEST_F(PostgresRestoreTest, ReappliesWhatARenameDoesNotBring) {
  create("app", "CREATE ROLE alice; CREATE ROLE bob;" + std::string(kThousandRows));
  sql("template1",
      "ALTER DATABASE app SET search_path = shop, \"$user\", public;"
      "ALTER DATABASE app SET default_transaction_read_only = on;"
      "ALTER DATABASE app SET \"shop.greeting\" = 'it''s \\here';"
      "ALTER ROLE alice IN DATABASE app SET work_mem = '5MB';"
      "ALTER DATABASE app OWNER TO bob; ALTER DATABASE app CONNECTION LIMIT 42;"
      "COMMENT ON DATABASE app IS 'the shop''s';"
      "REVOKE ALL ON DATABASE app FROM PUBLIC; GRANT CONNECT ON DATABASE app TO alice WITH GRANT "
      "OPTION");
  const std::string everything =
      "SELECT pg_get_userbyid(datdba), datconnlimit, datacl, shobj_description(d.oid, "
      "'pg_database'),"
      " (SELECT array_agg(setrole || s.setconfig::text ORDER BY setrole) FROM pg_db_role_setting s"
      "  WHERE s.setdatabase = d.oid), datcollate, datctype, encoding, datallowconn"
      " FROM pg_database d WHERE datname = 'app'";
  const auto before = server_.connect("template1").rows(everything);
  const auto record = dump("app");

  EXPECT_THAT(restore(record), IsEmpty());
  EXPECT_EQ(server_.connect("template1").rows(everything), before);
}

TEST_F(PostgresRestoreTest, BringsBackLargeObjectsPublicationsAndEventTriggers) {
  create("app", std::string(kThousandRows) +
                    "; SELECT lo_from_bytea(4000000000, decode(repeat('00ff', 3000), 'hex'));"
                    "SELECT lo_create(4000000001); CREATE PUBLICATION pub FOR TABLE t;"
                    "CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM t;"
                    "CREATE SEQUENCE s; SELECT setval('s', 77);"
                    "CREATE UNLOGGED TABLE u AS SELECT 1 AS one;"
                    "CREATE FUNCTION ev() RETURNS event_trigger LANGUAGE plpgsql AS"
                    " 'BEGIN RAISE EXCEPTION ''no''; END';"
                    "CREATE EVENT TRIGGER no_drop ON sql_drop EXECUTE FUNCTION ev()");
  const auto record = dump("app");
  EXPECT_EQ(record.large_objects, 2U);

  EXPECT_THAT(restore(record), IsEmpty());

  EXPECT_EQ(sql("app", "SELECT length(lo_get(4000000000))"), "6000");
  EXPECT_EQ(sql("app", "SELECT count(*) FROM pg_publication_tables"), "1");
  EXPECT_EQ(sql("app", "SELECT count FROM m"), "1000");
  EXPECT_EQ(sql("app", "SELECT last_value FROM s"), "77");
  EXPECT_EQ(sql("app", "SELECT count(*) FROM pg_event_trigger"), "1");
}

TEST_F(PostgresRestoreTest, DropsAPreviousDatabaseThatSubscribes) {
  create("app", std::string(kThousandRows) +
                    "; CREATE SUBSCRIPTION sub CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p"
                    " WITH (connect = false)");
  const auto record = dump("app");

  EXPECT_THAT(restore(record), IsEmpty());
  EXPECT_EQ(names(), "app");
  EXPECT_EQ(sql("app", "SELECT subname || subenabled FROM pg_subscription"), "subfalse");
}

TEST_F(PostgresRestoreTest, RestoresTheDatabaseNamedPostgres) {
  sql("postgres", kThousandRows);
  const auto record = dump("postgres");
  sql("postgres", "TRUNCATE t");

  EXPECT_THAT(restore(record), IsEmpty());
  EXPECT_EQ(sql("postgres", "SELECT count(*) FROM t"), "1000");
}

TEST_F(PostgresRestoreTest, ManagesLongAndStrangeNames) {
  const std::string longest(63, 'x');
  const std::string umlauts =
      "aa\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4"
      "\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4"
      "\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4";
  for (const std::string& name : {longest, umlauts, std::string("we\"ird 'na=me'/\\\n:x")}) {
    create(name, kThousandRows);
    const auto record = dump(name);
    sql(name, "TRUNCATE t");
    EXPECT_THAT(restore(record, "20261121T080000Z-restore"), IsEmpty());
    EXPECT_EQ(sql(name, "SELECT count(*) FROM t"), "1000");
  }
}

// After a change of the image's C library CREATE DATABASE from template1 fails.
TEST_F(PostgresRestoreTest, DoesNotNeedTemplate1) {
  create("app", kThousandRows);
  const auto record = dump("app");
  sql("template1", "UPDATE pg_database SET datcollversion = '0.1' WHERE datname = 'template1'");
  EXPECT_THROW(sql("postgres", "CREATE DATABASE probe"), std::runtime_error);

  EXPECT_THAT(restore(record), IsEmpty());
  sql("template1", "UPDATE pg_database SET datcollversion = NULL WHERE datname = 'template1'");
}

TEST_F(PostgresRestoreTest, KeepsTheEncoding) {
  sql("template1", "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
  sql("template1", "CREATE DATABASE bytes TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'");
  sql("latin", "CREATE TABLE \"t\xC3\xA9\" AS SELECT 'caf\xC3\xA9'::text AS v");
  sql("bytes", "CREATE TABLE t (v text); INSERT INTO t VALUES (E'\\xe9\\xff')");
  for (const std::string name : {"latin", "bytes"}) {
    EXPECT_THAT(restore(dump(name)), IsEmpty()) << name;
  }
  EXPECT_EQ(sql("latin", "SELECT v FROM \"t\xC3\xA9\""), "caf\xC3\xA9");
  EXPECT_EQ(sql("template1",
                "SELECT pg_encoding_to_char(encoding) FROM pg_database"
                " WHERE datname = 'latin'"),
            "LATIN1");
  EXPECT_EQ(sql("bytes", "SELECT encode(v::bytea, 'hex') FROM t"), "e9ff");
}

TEST_F(PostgresRestoreTest, LeavesNoPublicSchemaWhereThereWasNone) {
  create("app", "DROP SCHEMA public; CREATE SCHEMA own; CREATE TABLE own.t AS SELECT 1 AS one");
  EXPECT_THAT(restore(dump("app")), IsEmpty());
  EXPECT_EQ(sql("app", "SELECT count(*) FROM pg_namespace WHERE nspname = 'public'"), "0");
}

TEST_F(PostgresRestoreTest, EndsTheSessionsOfTheLiveDatabase) {
  create("app", kThousandRows);
  const auto record = dump("app");
  auto idle = server_.connect("app");
  idle.value("BEGIN; SELECT count(*) FROM t");

  EXPECT_THAT(restore(record), IsEmpty());
  EXPECT_THROW(idle.value("SELECT 1"), std::runtime_error);
}

TEST_F(PostgresRestoreTest, RefusesToSwapUnderPreparedTransactions) {
  create("app", kThousandRows);
  const auto record = dump("app");
  sql("app", "BEGIN; INSERT INTO t VALUES (5000, 'x'); PREPARE TRANSACTION 'pending one'");
  EXPECT_THAT(session().objections(record, server_record_), ElementsAre(HasSubstr("pending one")));

  const auto staged = stage(record);
  EXPECT_THROW(staged->commit(), DatabaseError);
  EXPECT_EQ(sql("app", "SELECT count(*) FROM t"), "1000");

  staged->undo();  // of what did not happen

  EXPECT_EQ(sql("app", "SELECT count(*) FROM t"), "1000");
  staged->discard();
  EXPECT_EQ(names(), "app");
}

TEST_F(PostgresRestoreTest, FindsARowThatIsNotWhatItWas) {
  create("app", std::string(kThousandRows) + "; SELECT lo_from_bytea(5, 'large')");
  const auto record = dump("app");
  const auto staged = stage(record);
  EXPECT_THAT(staged->verify(), IsEmpty());

  sql(staged->staged_name(), "UPDATE t SET v = 'other' WHERE id = 7");
  ASSERT_EQ(staged->verify().size(), 1U);
  EXPECT_THAT(staged->verify()[0].text, HasSubstr("table public.t has other rows"));

  sql(staged->staged_name(), "UPDATE t SET v = 'row 7' WHERE id = 7; SELECT lo_put(5, 0, 'L')");
  EXPECT_THAT(staged->verify()[0].text, HasSubstr("large objects have other content"));

  sql(staged->staged_name(), "SELECT lo_put(5, 0, 'l'); DELETE FROM t WHERE id = 7");
  EXPECT_THAT(staged->verify()[0].text, HasSubstr("999 rows instead of 1000"));
  staged->discard();
}

TEST_F(PostgresRestoreTest, RestoresWhatWasRecordedWithoutSizes) {
  create("app", kThousandRows);
  auto record = dump("app");
  ASSERT_TRUE(record.tables.at(0).bytes);
  record.tables[0].bytes.reset();

  const auto staged = stage(record);
  EXPECT_THAT(staged->verify(), IsEmpty());
  staged->discard();

  record.tables[0].checksum[0] ^= 1;
  EXPECT_THROW(stage(record), IntegrityError);
}

TEST_F(PostgresRestoreTest, LoadsNoTableThatIsNotRecorded) {
  create("app", kThousandRows);
  auto record = dump("app");
  record.tables.clear();

  EXPECT_THROW(stage(record), IntegrityError);
  EXPECT_EQ(names(), "app");
}

TEST_F(PostgresRestoreTest, TouchesNothingIfTheDumpIsDamaged) {
  create("app", kThousandRows);
  const auto record = dump("app");
  const auto path = directory_ / record.artifact.path;
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(record.artifact.bytes / 2));
  file.write("\x55\xaa\x55", 3);
  file.close();

  EXPECT_THROW(stage(record), IntegrityError);
  EXPECT_EQ(names(), "app");
}

TEST_F(PostgresRestoreTest, DropsWhatItStagedIfTheLoadFails) {
  create("app", kThousandRows);
  const auto record = dump("app");
  docker_.replace("pg_restore", [](fakes::Process& process) {
    process.write_stderr("pg_restore: error: no space left on device\n");
    return 1;
  });
  try {
    stage(record);
    FAIL();
  } catch (const DatabaseError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no space left on device"));
  }
  EXPECT_EQ(names(), "app");
  EXPECT_EQ(sql("app", "SELECT count(*) FROM t"), "1000");
}

TEST_F(PostgresRestoreTest, ManagesThousandsOfTables) {
  create("app",
         "DO $$ BEGIN FOR n IN 1..1500 LOOP"
         " EXECUTE format('CREATE TABLE t%s AS SELECT %s AS n', n, n); END LOOP; END $$");
  EXPECT_THAT(restore(dump("app")), IsEmpty());
  EXPECT_EQ(sql("app", "SELECT n FROM t1500"), "1500");
}

// --- the swap ------------------------------------------------------------------------------------

TEST_F(PostgresRestoreTest, SwapsUnderLoadWithinASecond) {
  create("app", kThousandRows);
  const auto record = dump("app");
  const auto staged = stage(record);
  std::atomic<bool> over = false;
  std::atomic<int> queries = 0;
  std::atomic<std::int64_t> longest_gap_ms = 0;
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client) {
    clients.emplace_back([&] {
      auto last = std::chrono::steady_clock::now();
      while (!over) {
        try {
          auto connection = server_.connect("app");
          while (!over) {
            connection.value("SELECT count(*) FROM t");
            const auto now = std::chrono::steady_clock::now();
            const auto gap = std::chrono::duration_cast<std::chrono::milliseconds>(now - last);
            last = now;
            ++queries;
            for (auto seen = longest_gap_ms.load();
                 gap.count() > seen && !longest_gap_ms.compare_exchange_weak(seen, gap.count());) {
            }
          }
        } catch (const std::runtime_error&) {
          // Ended or refused by the swap: again, at once.
        }
      }
    });
  }
  while (queries < 200) {
    std::this_thread::yield();
  }

  staged->commit();

  const int after = queries;
  while (queries < after + 200) {
    std::this_thread::yield();
  }
  over = true;
  for (auto& client : clients) {
    client.join();
  }
  RecordProperty("longest_gap_ms", static_cast<int>(longest_gap_ms.load()));
  EXPECT_LT(longest_gap_ms, 5000);  // typically 100; machines of tests are slow
  staged->discard();
  EXPECT_EQ(names(), "app");
}

TEST_F(PostgresRestoreTest, RecoversFromACrashBeforeTheSwap) {
  create("app", kThousandRows);
  const auto record = dump("app");
  const auto staged = stage(record, "crashed");
  session_.reset();

  EXPECT_THAT(session().recover("other"), IsEmpty());
  EXPECT_THAT(session().recover("crashed"),
              ElementsAre(HasSubstr("dropped the half-restored database app__new_crashed")));
  EXPECT_EQ(names(), "app");
  EXPECT_THAT(session().recover("crashed"), IsEmpty());
}

TEST_F(PostgresRestoreTest, RecoversFromACrashOnceConnectionsWereRefused) {
  create("app", kThousandRows);
  const auto record = dump("app");
  const auto staged = stage(record, "crashed");
  sql("template1",
      "ALTER DATABASE app SET cofferdam.swap = 'crashed:live:app';"
      "ALTER DATABASE app ALLOW_CONNECTIONS false");
  session_.reset();

  EXPECT_EQ(session().recover("crashed").size(), 2U);
  EXPECT_EQ(sql("app", "SELECT count(*) FROM t"), "1000");
  EXPECT_EQ(names(), "app");
  EXPECT_EQ(sql("template1", "SELECT count(*) FROM pg_db_role_setting"), "0");
}

TEST_F(PostgresRestoreTest, RecoversThePreviousDatabaseAfterTheSwap) {
  for (const std::string& name : {std::string("app"), std::string(63, 'x')}) {
    create(name, kThousandRows);
    const auto record = dump(name);
    sql(name, "DELETE FROM t WHERE id > 10");
    stage(record, "crashed")->commit();
    ASSERT_EQ(sql(name, "SELECT count(*) FROM t"), "1000");
    session_.reset();

    EXPECT_THAT(session().recover("crashed"),
                ElementsAre(HasSubstr("is again what it was before the restore")));
    EXPECT_EQ(sql(name, "SELECT count(*) FROM t"), "10");
    EXPECT_EQ(names(), name);
    sql("template1", "DROP DATABASE \"" + name + "\"");
  }
}

TEST_F(PostgresRestoreTest, RecoversIfOnlyThePreviousDatabaseIsLeft) {
  create("app", kThousandRows);
  const auto record = dump("app");
  stage(record, "crashed")->commit();
  sql("template1", "DROP DATABASE app");

  EXPECT_EQ(session().recover("crashed").size(), 1U);
  EXPECT_EQ(sql("app", "SELECT count(*) FROM t"), "1000");
  EXPECT_EQ(names(), "app");
}

TEST_F(PostgresRestoreTest, RecoversANewDatabaseWithoutAPrevious) {
  create("app", kThousandRows);
  const auto record = dump("app");
  sql("template1", "DROP DATABASE app");
  const auto staged = stage(record, "crashed");

  EXPECT_EQ(session().recover("crashed").size(), 1U);
  EXPECT_EQ(names(), "");
}

TEST_F(PostgresRestoreTest, RecoversToNoDatabaseWhereThereWasNone) {
  create("app", kThousandRows);
  const auto record = dump("app");
  sql("template1", "DROP DATABASE app");
  const auto staged = stage(record, "crashed");
  staged->commit();
  EXPECT_FALSE(staged->has_previous());
  session_.reset();

  EXPECT_EQ(session().recover("crashed").size(), 1U);
  EXPECT_EQ(names(), "");
}

TEST_F(PostgresRestoreTest, LeavesNoMarkOnADatabaseThatIsKept) {
  create("app", kThousandRows);
  const auto record = dump("app");
  const auto staged = stage(record, "done");
  staged->commit();

  session().keep("done");

  EXPECT_EQ(sql("template1",
                "SELECT string_agg(d.datname || ' ' || s.setconfig::text, ',')"
                " FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase"),
            "app__old_done {cofferdam.swap=done:live:app}");
  staged->discard();
}

TEST_F(PostgresRestoreTest, MayBeTriedAgainByTheSameJob) {
  create("app", kThousandRows);
  const auto record = dump("app");
  const auto first = stage(record);
  const auto second = stage(record);
  EXPECT_THAT(second->verify(), IsEmpty());
  second->commit();
  second->discard();
  EXPECT_EQ(names(), "app");
}

}  // namespace
}  // namespace controller
