// Loading with several sessions at once, against real servers.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "controller/database/postgres_swap.h"
#include "tests/controller/database/postgres_fixture.h"

namespace controller {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* kLarge =
    "CREATE TABLE a (id int PRIMARY KEY, v text NOT NULL); CREATE TABLE b (id int, a int, v text);"
    "CREATE TABLE c (day date, n int) PARTITION BY RANGE (day);"
    "CREATE TABLE c_1 PARTITION OF c FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');"
    "CREATE TABLE c_2 PARTITION OF c FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');"
    "INSERT INTO a SELECT n, repeat('a', 90) FROM generate_series(1, 150000) n;"
    "INSERT INTO b SELECT n, 1 + n % 1000, repeat('b', 90) FROM generate_series(1, 150000) n;"
    "INSERT INTO c SELECT date '2026-01-01' + n % 360, n FROM generate_series(1, 400000) n;"
    "SELECT lo_from_bytea(77, decode(repeat('00ff', 3000), 'hex'));"
    "ALTER TABLE b ADD FOREIGN KEY (a) REFERENCES a; CREATE INDEX b_v ON b (v) WHERE id < 100;"
    "COMMENT ON INDEX b_v IS 'partial'; CREATE INDEX c_n ON c (n); ALTER TABLE c ADD PRIMARY KEY "
    "(day, n);"
    "CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM b; CREATE UNIQUE INDEX ON m (n);"
    "CREATE VIEW grouped AS SELECT a.id, a.v, count(*) FROM a JOIN b ON b.a = a.id GROUP BY a.id;"
    "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
    "CREATE TRIGGER keep BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION keep();"
    "CREATE ROLE reader; GRANT SELECT ON a TO reader; CREATE SEQUENCE s; SELECT setval('s', 42)";

class PostgresParallelTest : public PostgresVersionTest {
 protected:
  void SetUp() override {
    PostgresVersionTest::SetUp();
    docker_.replace("nproc", [](fakes::Process& process) {
      process.write_stdout("3\n");
      return 0;
    });
  }

  std::ptrdiff_t runs_of_pg_restore() const {
    return std::count(docker_.seen().begin(), docker_.seen().end(), "pg_restore");
  }

  int run_really(fakes::Process& process) {
    return GetParam()[0] == '\0' ? run_locally(process)
                                 : ContainerPostgres::shared(GetParam())->exec()(process);
  }

  /// As a pg_restore that is slow to log in, works until its session is ended, and is slow to end.
  void linger() {
    constexpr auto kWhile = std::chrono::milliseconds(300);
    std::this_thread::sleep_for(kWhile);
    auto connection = server_.connect(swap_names("app", "job1").staged);
    connection.begin("SET application_name = 'cofferdam-restore'; SELECT pg_sleep(60)");
    EXPECT_THAT(connection.finish(), HasSubstr("terminating connection"));
    std::this_thread::sleep_for(kWhile);
  }

  std::string indexes() {
    return sql("app",
               "SELECT string_agg(indexdef || coalesce(obj_description(format('%I',"
               " indexname)::regclass, 'pg_class'), ''), ';' ORDER BY indexname)"
               " FROM pg_indexes WHERE schemaname = 'public'");
  }
};

TEST_P(PostgresParallelTest, IsTheSameAsWithOneSession) {
  create("app", kLarge);
  const auto record = dump("app");
  const auto before = indexes();

  EXPECT_THAT(restore(record), IsEmpty());

  EXPECT_EQ(runs_of_pg_restore(), 5) << "the structure, three shares, the rest";
  EXPECT_EQ(indexes(), before);
  EXPECT_EQ(sql("app", "SELECT count(*) FROM pg_inherits"), "6") << "partitions and their indexes";
  EXPECT_EQ(sql("app",
                "SELECT count(*) FROM pg_constraint WHERE contype IN ('p', 'f') AND"
                " connamespace = 'public'::regnamespace"),
            "5");
  EXPECT_EQ(sql("app", "SELECT n FROM m"), "150000");
  EXPECT_EQ(sql("app", "SELECT count(*) FROM grouped"), "1000");
  EXPECT_EQ(sql("app", "SELECT length(lo_get(77))"), "6000");
  EXPECT_EQ(sql("app", "SELECT last_value FROM s"), "42");
  EXPECT_EQ(sql("app", "SELECT has_table_privilege('reader', 'a', 'SELECT')"), "t");
}

TEST_P(PostgresParallelTest, ComparesWithSeveralSessionsToo) {
  create("app", kLarge);
  const auto record = dump("app");
  const auto staged = session().stage(record, server_record_, directory_, "job1");
  const int agents = docker_.agents();
  EXPECT_THAT(staged->verify(), IsEmpty());
  EXPECT_EQ(docker_.agents(), agents + 1) << "more would not have enough to read";

  sql(staged->staged_name(),
      "UPDATE a SET v = 'other' WHERE id = 7; DELETE FROM b WHERE id = 150000;"
      "UPDATE c SET n = 0 WHERE n = 1");
  std::vector<std::string> wrong;
  for (const auto& finding : staged->verify()) {
    wrong.push_back(finding.text);
  }
  EXPECT_THAT(wrong, UnorderedElementsAre(HasSubstr("public.a has other rows"),
                                          HasSubstr("public.b has 149999 rows instead of 150000"),
                                          HasSubstr("public.c_1 has other rows")));

  docker_.refuse_agents();
  EXPECT_EQ(staged->verify().size(), 3U) << "one session is enough";
  staged->discard();
}

TEST_P(PostgresParallelTest, LeavesNothingIfOneSessionFails) {
  create("app", std::string(kLarge) + "; CREATE TABLE d AS SELECT n FROM generate_series(1, 10) n");
  const auto record = dump("app");
  docker_.replace("pg_restore",
                  [&, runs = std::make_shared<std::atomic<int>>(0)](fakes::Process& process) {
                    if (++*runs == 3) {
                      process.write_stderr("pg_restore: error: it broke\n");
                      return 1;
                    }
                    return run_really(process);
                  });
  try {
    session().stage(record, server_record_, directory_, "job1");
    FAIL();
  } catch (const DatabaseError& error) {
    EXPECT_THAT(error.what(), HasSubstr("it broke"));
  }
  EXPECT_EQ(names(), "app");
  EXPECT_EQ(sql("app", "SELECT count(*) FROM a"), "150000");
}

TEST_P(PostgresParallelTest, TriesAgainOnlyOnceAllSessionsHaveEnded) {
  create("app", kLarge);
  const auto record = dump("app");
  std::atomic<int> runs = 0;
  std::atomic<bool> lingers = true;
  docker_.replace("pg_restore", [&](fakes::Process& process) {
    const int run = ++runs;  // 1: the structure, 2 to 4: the shares
    if (run == 2) {
      process.write_stderr("pg_restore: error: relation \"b\" does not exist\n");
      return 1;
    }
    if (run == 3) {
      linger();
      lingers = false;
      return 1;
    }
    EXPECT_FALSE(run > 4 && lingers);
    return run_really(process);
  });

  EXPECT_THAT(restore(record), IsEmpty());

  EXPECT_EQ(runs, 6) << "foundations and the rest, by one session";
  EXPECT_EQ(names(), "app");
}

INSTANTIATE_TEST_SUITE_P(Servers, PostgresParallelTest, kPostgresVersions, name_of_version);

}  // namespace
}  // namespace controller
