// TimescaleDB's way of being restored, against the stand-in of tests/images/timescale.
#include "controller/database/timescale.h"

#include <gmock/gmock.h>

#include "tests/controller/database/postgres_fixture.h"

namespace controller {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* kImage = "cofferdam-test/timescale:17";
constexpr const char* kOldest = "2.11.2";  // its workers' functions are in the older schema
constexpr const char* kOlder = "2.17.2";
constexpr const char* kNewest = "2.22.1";  // what CREATE EXTENSION makes if it is not told

class TimescaleTest : public PostgresTest {
 protected:
  TimescaleTest() : TimescaleTest(ContainerPostgres::shared(kImage)) {}

  void SetUp() override {
    PostgresTest::SetUp();
    if (ContainerPostgres::shared(kImage) == nullptr) {
      GTEST_SKIP() << "COFFERDAM_TEST_ENGINE is not set, or has no image " << kImage;
    }
  }

  /// Two years of rows by the day, of which a retention policy would leave one, and another job.
  void create_sensor(const std::string& version, const std::string& schema = "public") {
    create("app", "CREATE SCHEMA IF NOT EXISTS " + schema + "; CREATE ROLE job_owner;" +
                      "GRANT ALL ON SCHEMA public TO job_owner");
    sql("app", "CREATE EXTENSION timescaledb SCHEMA " + schema + " VERSION '" + version + "'");
    sql("app", "SET search_path = public, " + schema +
                   ";"
                   "CREATE TABLE sensor (at timestamptz NOT NULL, v int);"
                   "SELECT create_hypertable('sensor', 'at', '30 days');"
                   "INSERT INTO sensor SELECT now() - n * interval '1 day', n"
                   " FROM generate_series(1, 730) n;"
                   "CREATE INDEX ON sensor (at);"
                   "GRANT ALL ON sensor TO job_owner;"
                   "SELECT add_retention_policy('sensor', '365 days'); SELECT add_job('tidy', '1 "
                   "hour');"
                   "UPDATE _timescaledb_config.bgw_job SET owner = 'job_owner' WHERE id = 1001");
  }

  std::string rows() { return sql("app", "SELECT count(*) FROM sensor"); }

  /// What the workers would run now.
  Rows jobs() {
    return server_.connect("app").rows("SELECT * FROM _timescaledb_internal.run_scheduled_jobs()");
  }

 private:
  explicit TimescaleTest(const ContainerPostgres* container)
      : PostgresTest(container == nullptr
                         ? static_cast<const PostgresAccess&>(LocalPostgres::shared())
                         : *container,
                     container == nullptr ? fakes::Program(run_locally) : container->exec()) {}
};

class TimescaleVersionTest : public TimescaleTest,
                             public testing::WithParamInterface<const char*> {};

TEST_P(TimescaleVersionTest, IsRestoredWithItself) {
  create_sensor(GetParam());
  const auto record = dump("app");
  sql("app", "DELETE FROM sensor; DROP TABLE sensor CASCADE");

  const auto staged = session().stage(record, server_record_, directory_, "job1");
  EXPECT_THAT(staged->verify(), IsEmpty());
  staged->commit();

  EXPECT_THAT(staged->verify(), IsEmpty());
  EXPECT_EQ(rows(), "730");
  EXPECT_EQ(sql("app", "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'"),
            GetParam());
  EXPECT_EQ(sql("app", "SELECT count(*) FROM _timescaledb_catalog.chunk"), "25");
  EXPECT_EQ(sql("app",
                "SELECT count(*) FROM pg_db_role_setting WHERE setconfig::text LIKE"
                " '%timescaledb%'"),
            "0");
  // New rows find their chunks.
  sql("app", "INSERT INTO sensor VALUES (now() + interval '90 days', 0)");
  EXPECT_EQ(rows(), "731");
  staged->discard();
}

INSTANTIATE_TEST_SUITE_P(Versions, TimescaleVersionTest, testing::Values(kOldest, kOlder, kNewest),
                         [](const auto& instance) {
                           std::string name = instance.param;
                           std::erase(name, '.');
                           return "v" + name;
                         });

TEST_F(TimescaleTest, HoldsRetentionPoliciesUntilTheOperatorLetsThemRun) {
  create_sensor(kOlder);
  const auto record = dump("app");
  EXPECT_THAT(jobs(), ElementsAre(ElementsAre("policy_telemetry"), ElementsAre("policy_retention"),
                                  ElementsAre("tidy")));
  const auto left = rows();
  ASSERT_LT(std::stoi(left), 730);

  const auto staged = session().stage(record, server_record_, directory_, "job1");
  staged->commit();

  ASSERT_EQ(staged->warnings().size(), 1U);
  const std::string warning = staged->warnings()[0];
  EXPECT_THAT(warning, AllOf(HasSubstr("retention policy of public.sensor"), HasSubstr("365 days"),
                             HasSubstr("in database app: ")));
  EXPECT_THAT(jobs(), ElementsAre(ElementsAre("policy_telemetry"), ElementsAre("tidy")))
      << "the workers were started after the swap";
  EXPECT_EQ(rows(), "730");

  sql("app", warning.substr(warning.find("SELECT ")));
  EXPECT_EQ(jobs().size(), 3U);
  EXPECT_EQ(rows(), left);
  staged->discard();
}

TEST_F(TimescaleTest, StartsTheWorkersOfWhateverIsLive) {
  create_sensor(kOlder);
  const auto record = dump("app");
  const auto started = [this] {
    return std::stoi(sql("app",
                         "SELECT count(*) FROM _timescaledb_internal.worker_log"
                         " WHERE action = 'restart' AND database = 'app'"));
  };
  const int before = started();
  const auto staged = session().stage(record, server_record_, directory_, "job1");

  staged->commit();
  EXPECT_EQ(started(), 1);
  staged->undo();
  EXPECT_EQ(started(), before + 1);
  staged->commit();
  session_.reset();
  EXPECT_THAT(session().recover("job1"), ElementsAre(HasSubstr("again what it was")));
  EXPECT_EQ(started(), before + 2);
}

TEST_F(TimescaleTest, SaysHowToStartWorkersThatDoNot) {
  create_sensor(kOlder);
  const auto record = dump("app");
  const auto staged = session().stage(record, server_record_, directory_, "job1");
  sql(staged->staged_name(),
      "CREATE OR REPLACE FUNCTION _timescaledb_functions.restart_background_workers()"
      " RETURNS boolean LANGUAGE sql AS 'SELECT false'");

  staged->commit();

  EXPECT_THAT(
      staged->warnings(),
      UnorderedElementsAre(HasSubstr("is held"),
                           HasSubstr("in database app: SELECT "
                                     "_timescaledb_functions.restart_background_workers();")));
  staged->discard();
}

TEST_F(TimescaleTest, RestoresThePlainFormatAndOtherSchemas) {
  create_sensor(kOlder);
  const auto plain = dump("app", DumpFormat::Plain);
  EXPECT_THAT(restore(plain), IsEmpty());
  EXPECT_EQ(rows(), "730");

  sql("template1", "DROP DATABASE app");
  sql("template1", "DROP ROLE job_owner");
  create_sensor(kOlder, "ts");
  const auto record = dump("app");
  EXPECT_THAT(restore(record), IsEmpty());
  EXPECT_EQ(rows(), "730");
  EXPECT_EQ(sql("app", "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'"),
            kOlder);
  EXPECT_THAT(session().objections(dump("app", DumpFormat::Plain), server_record_),
              ElementsAre(HasSubstr("in the schema ts, which cannot be restored from a dump in "
                                    "plain SQL")));
}

TEST_F(TimescaleTest, BringsTheRolesThatOwnJobs) {
  create_sensor(kOlder);
  const auto record = dump("app");
  server_record_ = session().server(request());
  sql("template1", "DROP DATABASE app");
  sql("template1", "DROP ROLE job_owner");

  EXPECT_THAT(restore(record), IsEmpty());
  EXPECT_EQ(sql("app", "SELECT owner FROM timescaledb_information.jobs WHERE job_id = 1001"),
            "job_owner");
}

// Restored into another version the real one hides rows, or crashes the server.
TEST_F(TimescaleTest, RefusesAnotherVersionAndNamesBoth) {
  create_sensor(kOlder);
  auto record = dump("app");
  for (auto& extension : record.extensions) {
    extension.version = extension.name == "timescaledb" ? "2.16.1" : extension.version;
  }

  EXPECT_THAT(session().objections(record, server_record_),
              ElementsAre(AllOf(HasSubstr("TimescaleDB 2.16.1"),
                                HasSubstr("the server has 2.11.2, 2.17.2, 2.22.1"))));
  EXPECT_THROW(session().stage(record, server_record_, directory_, "job1"), DatabaseRefusal);
  EXPECT_EQ(names(), "app");
}

TEST_F(TimescaleTest, NeedsASuperuser) {
  create_sensor(kOlder);
  const auto record = dump("app");
  sql("template1", "CREATE ROLE weak LOGIN CREATEDB CREATEROLE PASSWORD 'weakling'");
  docker_.set_environment("POSTGRES_USER", "weak");
  docker_.set_environment("POSTGRES_PASSWORD", "weakling");
  session_.reset();

  EXPECT_THAT(
      session().objections(record, server_record_),
      testing::Contains(HasSubstr("only a superuser may call its timescaledb_pre_restore")));
  EXPECT_THROW(session().stage(record, server_record_, directory_, "job1"), DatabaseRefusal);
  EXPECT_EQ(names(), "app");
}

// What a snapshot of half a restore must not pass on.
TEST_F(TimescaleTest, DoesNotRestoreTheStateOfAnotherRestore) {
  create_sensor(kOlder);
  const auto record = dump("app");
  EXPECT_EQ(record.properties.find("timescaledb.restoring"), std::string::npos);
  sql("app", "SELECT timescaledb_pre_restore()");
  EXPECT_EQ(dump("app").properties.find("timescaledb.restoring"), std::string::npos);
  sql("app", "SELECT timescaledb_post_restore()");
}

}  // namespace
}  // namespace controller
