// One table of a dump into the live database, against real servers.
#include <gmock/gmock.h>

#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include "tests/controller/database/postgres_fixture.h"

namespace controller {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kShop =
    "CREATE TABLE maker (id int PRIMARY KEY, name text);"
    "CREATE TABLE item (id serial PRIMARY KEY, \"Na\"\"me\" text, maker int REFERENCES maker,"
    " twice int GENERATED ALWAYS AS (1 + 1) STORED);"
    "CREATE TABLE sale (id bigint GENERATED ALWAYS AS IDENTITY, item int REFERENCES item ON DELETE"
    " CASCADE, note text);"
    "INSERT INTO maker SELECT n, 'maker ' || n FROM generate_series(1, 10) n;"
    "INSERT INTO item (\"Na\"\"me\", maker) SELECT E'item\\t\\\\ ' || n, 1 + n % 10 FROM"
    " generate_series(1, 1000) n;"
    "INSERT INTO sale (item, note) SELECT n, 'sale' FROM generate_series(1, 100) n";

class PostgresTableTest : public PostgresVersionTest {
 protected:
  RestoredTable restore_table(const DatabaseRecord& record, const std::string& table) {
    return session().restore_table(record, directory_, table, {});
  }

  /// Why it is refused; fails if anything changed.
  std::string refusal(const DatabaseRecord& record, const std::string& table) {
    const auto before = state();
    const auto why = refusal_among_others(record, table);
    EXPECT_EQ(state(), before);
    return why;
  }

  /// As above, while others change things.
  std::string refusal_among_others(const DatabaseRecord& record, const std::string& table) {
    try {
      restore_table(record, table);
    } catch (const DatabaseRefusal& error) {
      return error.what();
    }
    ADD_FAILURE() << "it was not refused";
    return "";
  }

  /// Until one of ours is as `condition` on pg_stat_activity says; its process.
  std::string wait_for_session(const std::string& condition) {
    auto watcher = server_.connect("app");
    for (int attempt = 0; attempt < 1000; ++attempt) {
      const auto process = watcher.rows(
          "SELECT pid FROM pg_stat_activity WHERE application_name ~ '^cofferdam-' AND " +
          condition);
      if (!process.empty()) {
        return process.front().front();
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ADD_FAILURE() << "no session has " << condition;
    return "0";
  }

  Rows state() {
    auto connection = server_.connect("app");
    return connection.rows(
        "SELECT c.oid::regclass, (xpath('/row/h/text()', query_to_xml(format('SELECT count(*) ||"
        " coalesce(sum(hashtext(t::text)::bigint), 0)::text AS h FROM ONLY %s t', c.oid::regclass),"
        " false, true, '')))[1]::text FROM pg_class c WHERE relkind = 'r'"
        " AND relnamespace = 'public'::regnamespace ORDER BY 1");
  }
};

TEST_P(PostgresTableTest, BringsBackRowsAndOnlyThose) {
  create("app", kShop);
  const auto record = dump("app");
  sql("app",
      "UPDATE item SET \"Na\"\"me\" = 'wrong'; DELETE FROM item WHERE id > 500; UPDATE sale SET "
      "note"
      " = 'since'");
  const auto sales = sql("app", "SELECT count(*) FROM sale WHERE note = 'since'");

  const auto done = restore_table(record, "public.item");

  EXPECT_EQ(done, (RestoredTable{"public", "item", 500, 1000}));
  EXPECT_EQ(sql("app",
                "SELECT sum(hashtext(t::text)::bigint) FROM item t WHERE \"Na\"\"me\" ="
                " E'item\\t\\\\ ' || id"),
            sql("app", "SELECT sum(hashtext(t::text)::bigint) FROM item t"));
  EXPECT_EQ(sql("app", "SELECT count(*) FROM sale WHERE note = 'since'"), sales)
      << "nothing is deleted in cascade";
  EXPECT_EQ(names(), "app");
}

TEST_P(PostgresTableTest, KeepsReadersGoing) {
  create("app", kShop);
  const auto record = dump("app");
  sql("app", "DELETE FROM sale");
  auto reader = server_.connect("app");
  reader.value("BEGIN; SELECT count(*) FROM sale");

  restore_table(record, "public.sale");

  EXPECT_EQ(sql("app", "SELECT count(*) FROM sale"), "100");
}

TEST_P(PostgresTableTest, GivesWayInADeadlock) {
  create("app", kShop);
  const auto record = dump("app");
  // So that the restore notices it, and late enough for the other one to wait first.
  sql("app", "ALTER DATABASE app SET deadlock_timeout = '3s'");
  auto writer = server_.connect("app");
  writer.value("SET deadlock_timeout = '1min'");
  writer.value("BEGIN; INSERT INTO maker VALUES (11, 'new')");
  auto refused =
      std::async(std::launch::async, [&] { return refusal_among_others(record, "public.item"); });
  wait_for_session("wait_event_type = 'Lock'");
  writer.begin("UPDATE item SET maker = 11 WHERE id = 1; COMMIT");

  EXPECT_THAT(refused.get(), AllOf(HasSubstr("deadlock"), HasSubstr("nothing was changed")));
  EXPECT_EQ(writer.finish(), "");
  EXPECT_EQ(sql("app", "SELECT maker FROM item WHERE id = 1"), "11");
}

/// While it exists, a COMMIT is done but neither answered nor seen by others.
class SlowCommits {
 public:
  explicit SlowCommits(const PostgresAccess& server) : server_(server) { set("= 'nobody'"); }
  SlowCommits(const SlowCommits&) = delete;
  SlowCommits& operator=(const SlowCommits&) = delete;
  ~SlowCommits() { set("= DEFAULT"); }

 private:
  void set(const std::string& value) {
    auto connection = server_.connect("postgres");
    connection.value("SET synchronous_commit = local");
    connection.value("ALTER SYSTEM SET synchronous_standby_names " + value);
    connection.value("SELECT pg_reload_conf()");
  }

  const PostgresAccess& server_;
};

/// Counted once whoever changes the table has come to an end.
constexpr const char* kSettledSales = "BEGIN; LOCK TABLE sale; SELECT count(*) FROM sale";

TEST_P(PostgresTableTest, SaysThatItIsUnknownIfTheAnswerToTheCommitIsLost) {
  create("app", kShop);
  const auto record = dump("app");
  sql("app", "DELETE FROM sale");
  std::optional<SlowCommits> slow(server_);
  auto done = std::async(std::launch::async, [&] { restore_table(record, "public.sale"); });
  const auto process = wait_for_session("wait_event = 'SyncRep'");
  sql("app", "SELECT pg_terminate_backend(" + process + ")");
  try {
    done.get();
    FAIL();
  } catch (const DatabaseRefusal&) {
    FAIL();
  } catch (const DatabaseError& error) {
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("unknown whether the rows of table public.sale of database app"),
                      HasSubstr("look at the table")));
  }
  slow.reset();
  EXPECT_EQ(sql("app", kSettledSales), "100");
}

TEST_P(PostgresTableTest, SaysSoAlsoIfTheEngineIsLost) {
  create("app", kShop);
  const auto record = dump("app");
  sql("app", "DELETE FROM sale");
  std::optional<SlowCommits> slow(server_);
  auto done = std::async(std::launch::async, [&] { restore_table(record, "public.sale"); });
  wait_for_session("wait_event = 'SyncRep'");
  docker_.set_reachable(false);
  try {
    done.get();
    FAIL();
  } catch (const DatabaseError& error) {
    EXPECT_THAT(error.what(), HasSubstr("unknown whether the rows"));
  }
  docker_.set_reachable(true);
  slow.reset();
  EXPECT_EQ(sql("app", kSettledSales), "100");
}

TEST_P(PostgresTableTest, IsDoneAlsoIfTheEngineIsLostAfterTheCommit) {
  create("app",
         "CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2);"
         "CREATE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$BEGIN"
         " IF current_query() LIKE 'ANALYZE%' THEN PERFORM pg_sleep(60); END IF;"
         " RETURN $1; END$$; CREATE INDEX ON t (slow(id))");
  const auto record = dump("app");
  sql("app", "DELETE FROM t");
  auto done = std::async(std::launch::async, [&] { return restore_table(record, "public.t"); });
  wait_for_session("wait_event = 'PgSleep'");
  docker_.set_reachable(false);
  EXPECT_EQ(done.get().rows, 2U);
  docker_.set_reachable(true);
}

TEST_P(PostgresTableTest, MovesSequencesOnAndNeverBack) {
  create("app", kShop);
  const auto record = dump("app");
  sql("app", "SELECT setval('item_id_seq', 7); SELECT setval('sale_id_seq', 5000)");

  restore_table(record, "public.item");
  restore_table(record, "public.sale");

  EXPECT_EQ(sql("app", "SELECT nextval('item_id_seq')"), "1001");
  EXPECT_EQ(sql("app", "SELECT nextval('sale_id_seq')"), "5001");
}

TEST_P(PostgresTableTest, RefusesWhatWouldBreakAnothersForeignKey) {
  create("app", kShop);
  const auto record = dump("app");
  sql("app",
      "INSERT INTO item (\"Na\"\"me\") VALUES ('newer'); INSERT INTO sale (item) SELECT max(id) "
      "FROM"
      " item");
  EXPECT_THAT(refusal(record, "public.item"),
              AllOf(HasSubstr("table public.item of database app cannot be restored"),
                    HasSubstr("1 rows of public.sale would refer to nothing in public.item"),
                    HasSubstr("sale_item_fkey"), HasSubstr("nothing was changed")));
  sql("app", "DELETE FROM sale WHERE item > 1000");
  EXPECT_EQ(restore_table(record, "public.item").rows, 1000U);
}

TEST_P(PostgresTableTest, RefusesRowsThatWouldReferToNothing) {
  create("app", kShop);
  const auto record = dump("app");
  sql("app", "UPDATE item SET maker = 1; DELETE FROM maker WHERE id > 8");
  EXPECT_THAT(refusal(record, "public.item"),
              AllOf(HasSubstr("200 of its rows would refer to nothing in public.maker"),
                    HasSubstr("item_maker_fkey")));
}

TEST_P(PostgresTableTest, LooksAtThePartitionedTableAsAWhole) {
  create("app",
         "CREATE TABLE day (at date PRIMARY KEY) PARTITION BY RANGE (at);"
         "CREATE TABLE day_1 PARTITION OF day FOR VALUES FROM ('2026-01-01') TO ('2026-06-01');"
         "CREATE TABLE day_2 PARTITION OF day FOR VALUES FROM ('2026-06-01') TO ('2027-01-01');"
         "CREATE TABLE entry (at date REFERENCES day);"
         "INSERT INTO day VALUES ('2026-02-02'), ('2026-07-07');"
         "INSERT INTO entry VALUES ('2026-02-02'), ('2026-07-07'), (NULL)");
  const auto record = dump("app");

  EXPECT_EQ(restore_table(record, "public.day_1"), (RestoredTable{"public", "day_1", 1, 1}));
  sql("app", "INSERT INTO day VALUES ('2026-03-03'); INSERT INTO entry VALUES ('2026-03-03')");
  EXPECT_THAT(refusal(record, "public.day_1"),
              HasSubstr("1 rows of public.entry would refer to nothing in public.day"));
  EXPECT_THAT(refusal(record, "public.day"), HasSubstr("no table public.day with rows of its own"));
}

TEST_P(PostgresTableTest, RefusesOtherColumns) {
  create("app", kShop);
  const auto record = dump("app");
  sql("app", "ALTER TABLE item ADD COLUMN price int; ALTER TABLE item RENAME maker TO \"by whom\"");
  EXPECT_THAT(refusal(record, "public.item"),
              AllOf(HasSubstr("only in the dump: maker"),
                    HasSubstr("only in the live table: by whom, price")));
}

TEST_P(PostgresTableTest, TakesOtherTypesOnlyIfTheyHoldTheSame) {
  create("app",
         "CREATE TABLE t (id bigint, at timestamptz, v text);"
         "INSERT INTO t SELECT n, '2026-01-01 12:00+00', n FROM generate_series(1, 10) n");
  const auto record = dump("app");
  sql("app", "ALTER TABLE t ALTER id TYPE int");
  EXPECT_EQ(restore_table(record, "public.t").rows, 10U);
  sql("app", "ALTER TABLE t ALTER at TYPE date");
  EXPECT_THAT(refusal(record, "public.t"), HasSubstr("restored rows are not what the dump has"));
  sql("app", "ALTER TABLE t ALTER v TYPE date USING NULL");
  EXPECT_THROW(restore_table(record, "public.t"), DatabaseError);
  EXPECT_EQ(sql("app", "SELECT count(*) FROM t"), "10");
}

TEST_P(PostgresTableTest, LeavesTriggersOutOfIt) {
  create("app",
         "CREATE TABLE t (id int); CREATE TABLE audit (n int); INSERT INTO t VALUES (1), (2);"
         "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
         " $$BEGIN INSERT INTO audit VALUES (1); RETURN NULL; END$$;"
         "CREATE TRIGGER note AFTER INSERT OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION note()");
  const auto record = dump("app");
  sql("app", "DELETE FROM t; TRUNCATE audit");

  restore_table(record, "public.t");

  EXPECT_EQ(sql("app", "SELECT count(*) FROM t"), "2");
  EXPECT_EQ(sql("app", "SELECT count(*) FROM audit"), "0");
}

TEST_P(PostgresTableTest, RefusesTriggersThatWouldFireAllTheSame) {
  create(
      "app",
      "CREATE TABLE t (id int); CREATE TABLE audit (n int); INSERT INTO t VALUES (1), (2);"
      "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
      " $$BEGIN INSERT INTO audit VALUES (1); RETURN NULL; END$$;"
      "CREATE TRIGGER \"no te\" AFTER INSERT OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION note()");
  const auto record = dump("app");
  for (const auto* state : {"ALWAYS", "REPLICA"}) {
    sql("app", std::string("ALTER TABLE t ENABLE ") + state + " TRIGGER \"no te\"");
    EXPECT_THAT(refusal(record, "public.t"),
                AllOf(HasSubstr("its trigger \"no te\""), HasSubstr("restore the whole database")));
  }
  sql("app", "ALTER TABLE t DISABLE TRIGGER \"no te\"");
  EXPECT_EQ(restore_table(record, "public.t").rows, 2U);
  EXPECT_EQ(sql("app", "SELECT count(*) FROM audit"), "0");
}

TEST_P(PostgresTableTest, RefusesForeignKeysThatWouldCascadeAllTheSame) {
  create("app", kShop);
  const auto record = dump("app");
  sql("app",
      "DO $$DECLARE name text; BEGIN FOR name IN SELECT tgname FROM pg_trigger WHERE tgisinternal"
      " AND tgrelid = 'item'::regclass AND tgconstrrelid = 'sale'::regclass LOOP"
      " EXECUTE format('ALTER TABLE item ENABLE ALWAYS TRIGGER %I', name); END LOOP; END$$");
  EXPECT_THAT(refusal(record, "public.item"), HasSubstr("its trigger \"RI_ConstraintTrigger"));
}

TEST_P(PostgresTableTest, RefusesRulesThatWouldActAllTheSame) {
  create("app",
         "CREATE TABLE t (id int); CREATE TABLE audit (n int); INSERT INTO t VALUES (1), (2);"
         "CREATE RULE del AS ON DELETE TO t DO ALSO INSERT INTO audit VALUES (1);"
         "CREATE RULE ins AS ON INSERT TO t DO INSTEAD INSERT INTO audit VALUES (1);"
         "ALTER TABLE t ENABLE ALWAYS RULE ins");
  const auto record = dump("app");
  for (const auto* state : {"ALWAYS", "REPLICA"}) {
    sql("app", std::string("ALTER TABLE t ENABLE ") + state + " RULE del");
    EXPECT_THAT(refusal(record, "public.t"),
                AllOf(HasSubstr("its rule del"), HasSubstr("restore the whole database")));
  }
  sql("app", "ALTER TABLE t ENABLE RULE del");
  EXPECT_EQ(restore_table(record, "public.t").rows, 2U);
  EXPECT_EQ(sql("app", "SELECT count(*) FROM audit"), "0");
}

TEST_P(PostgresTableTest, RestoresFromPlainDumpsToo) {
  create("app", std::string(kShop) + "; CREATE TABLE empty (id serial)");
  const auto record = dump("app", DumpFormat::Plain);
  sql("app", "DELETE FROM sale; SELECT setval('sale_id_seq', 1); INSERT INTO empty DEFAULT VALUES");

  EXPECT_EQ(restore_table(record, "public.sale"), (RestoredTable{"public", "sale", 0, 100}));
  EXPECT_EQ(sql("app", "SELECT nextval('sale_id_seq')"), "101");
  EXPECT_EQ(restore_table(record, "public.empty"), (RestoredTable{"public", "empty", 1, 0}));
}

TEST_P(PostgresTableTest, RefusesWhatIsNotThere) {
  create("app", kShop);
  const auto record = dump("app");
  EXPECT_THAT(refusal(record, "public.nothing"), HasSubstr("has no table public.nothing"));
  sql("app", "ALTER TABLE sale RENAME TO sold");
  EXPECT_THAT(refusal(record, "public.sale"), HasSubstr("the live database has no such table"));
}

TEST_P(PostgresTableTest, RefusesADamagedDump) {
  create("app", kShop);
  const auto record = dump("app");
  std::filesystem::resize_file(directory_ / record.artifact.path, record.artifact.bytes / 2);
  const auto before = state();
  EXPECT_ANY_THROW(restore_table(record, "public.item"));
  EXPECT_EQ(state(), before);
}

TEST_P(PostgresTableTest, NeedsASuperuserWhereThereAreTriggers) {
  create(
      "app",
      "CREATE ROLE weak LOGIN PASSWORD 'weakling'; GRANT ALL ON SCHEMA public TO weak;"
      "CREATE TABLE plain (id int); INSERT INTO plain VALUES (1);"
      "CREATE TABLE keyed (id int PRIMARY KEY); CREATE TABLE referring (id int REFERENCES keyed);"
      "CREATE TABLE ruled (id int); INSERT INTO ruled VALUES (1);"
      "CREATE RULE del AS ON DELETE TO ruled DO INSTEAD NOTHING; ALTER TABLE ruled OWNER TO weak;"
      "ALTER TABLE plain OWNER TO weak; ALTER TABLE referring OWNER TO weak;"
      "ALTER TABLE keyed OWNER TO weak");
  const auto record = dump("app");
  docker_.set_environment("POSTGRES_USER", "weak");
  docker_.set_environment("POSTGRES_PASSWORD", "weakling");
  session_.reset();

  EXPECT_EQ(restore_table(record, "public.plain").rows, 1U);
  EXPECT_THAT(refusal(record, "public.referring"), HasSubstr("only a superuser may suspend"));
  EXPECT_THAT(refusal(record, "public.ruled"), HasSubstr("its rule del ON DELETE"));
}

INSTANTIATE_TEST_SUITE_P(Servers, PostgresTableTest, kPostgresVersions, name_of_version);

}  // namespace
}  // namespace controller
