// What every driver promises, whatever the server: one suite, one world per driver.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>

#include "controller/archive/artifact.h"
#include "controller/database/database_driver.h"
#include "controller/database/postgres_driver.h"
#include "dockerapi/error.h"
#include "tests/controller/database/container_postgres.h"
#include "tests/controller/database/local_docker.h"

namespace controller {
namespace {

using testing::IsEmpty;

/// A server with a database "app" that holds a list of numbers, as the suite sees it.
class DriverWorld {
 public:
  virtual ~DriverWorld() = default;
  virtual DatabaseDriver& driver() = 0;
  virtual DatabaseTarget target() = 0;
  virtual void write(const std::string& database, int first, int last) = 0;
  virtual int count(const std::string& database) = 0;
  virtual void drop(const std::string& database) = 0;
  /// All databases of the user's.
  virtual std::vector<std::string> databases() = 0;
  /// From now on the program that dumps, or the one that restores, fails.
  virtual void break_dump() = 0;
  virtual void break_restore() = 0;
};

class PostgresWorld : public DriverWorld {
 public:
  PostgresWorld(const PostgresAccess& server, fakes::Program exec)
      : server_(server), docker_(server_, std::move(exec)) {
    server_.clean();
    server_.sql("template1", "CREATE DATABASE app TEMPLATE template0");
    server_.sql("app", "CREATE TABLE numbers (n int PRIMARY KEY)");
    driver_ = postgres_driver(docker_.engine(), docker_.image());
  }

  DatabaseDriver& driver() override { return *driver_; }
  DatabaseTarget target() override { return docker_.target(); }
  void write(const std::string& database, int first, int last) override {
    server_.sql(database, "INSERT INTO numbers SELECT generate_series(" + std::to_string(first) +
                              ", " + std::to_string(last) + ")");
  }
  int count(const std::string& database) override {
    return std::stoi(server_.sql(database, "SELECT count(*) FROM numbers"));
  }
  void drop(const std::string& database) override {
    server_.sql("template1", "DROP DATABASE \"" + database + "\"");
  }
  std::vector<std::string> databases() override {
    std::vector<std::string> names;
    for (const auto& row : server_.connect("template1")
                               .rows("SELECT datname FROM pg_database WHERE NOT datistemplate"
                                     " AND datname <> 'postgres' ORDER BY 1")) {
      names.push_back(row[0]);
    }
    return names;
  }
  void break_dump() override { docker_.replace("pg_dump", broken); }
  void break_restore() override { docker_.replace("pg_restore", broken); }

 private:
  static int broken(fakes::Process& process) {
    process.write_stderr("it broke\n");
    return 1;
  }

  const PostgresAccess& server_;
  LocalDocker docker_;
  std::unique_ptr<DatabaseDriver> driver_;
};

struct WorldFactory {
  std::string name;
  std::function<std::unique_ptr<DriverWorld>()> make;
};

class DriverConformanceTest : public testing::TestWithParam<WorldFactory> {
 protected:
  void SetUp() override {
    world_ = GetParam().make();
    if (!world_) {
      GTEST_SKIP() << "COFFERDAM_TEST_ENGINE is not set, or has no image of it";
    }
    std::string pattern = (std::filesystem::temp_directory_path() / "cofferdam-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    world_->write("app", 1, 100);
    session_ = world_->driver().connect(world_->target());
  }
  ~DriverConformanceTest() override {
    session_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  DumpRequest request() {
    DumpRequest request;
    request.directory = directory_;
    request.folder = "databases/db";
    return request;
  }

  DatabaseRecord dump() {
    return session_->freeze("app", {})->dump(request(), [](std::uint64_t, std::uint64_t) {}, {});
  }

  std::unique_ptr<StagedDatabase> stage(const DatabaseRecord& record) {
    return session_->stage(record, {}, directory_, "job1");
  }

  std::size_t files() {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_)) {
      count += entry.is_regular_file() ? 1U : 0U;
    }
    return count;
  }

  std::unique_ptr<DriverWorld> world_;
  std::filesystem::path directory_;
  std::unique_ptr<DatabaseSession> session_;
};

TEST_P(DriverConformanceTest, ListsTheDatabases) {
  const auto databases = session_->databases();
  ASSERT_EQ(databases.size(), 1U);
  EXPECT_EQ(databases[0].name, "app");
  EXPECT_GT(databases[0].size_bytes, 0U);
}

TEST_P(DriverConformanceTest, FreezesWhatWasCommitted) {
  const auto lease = session_->freeze("app", {});
  world_->write("app", 101, 200);

  const auto& inventory = lease->inventory();
  ASSERT_EQ(inventory.tables.size(), 1U);
  EXPECT_EQ(inventory.tables[0].rows, 100U);
  const auto record = lease->dump(request(), [](std::uint64_t, std::uint64_t) {}, {});
  EXPECT_EQ(record.tables[0].rows, 100U);
  EXPECT_TRUE(lease->waiters().empty());
}

TEST_P(DriverConformanceTest, StoresWhatItsRecordSays) {
  std::uint64_t raw = 0;
  std::uint64_t stored = 0;
  const auto record =
      session_->freeze("app", {})->dump(request(),
                                        [&](std::uint64_t raw_now, std::uint64_t stored_now) {
                                          EXPECT_GE(raw_now, raw);
                                          EXPECT_GE(stored_now, stored);
                                          raw = raw_now;
                                          stored = stored_now;
                                        },
                                        {});

  EXPECT_GT(raw, 0U);
  EXPECT_EQ(record.artifact.raw_bytes, raw);
  const auto file = directory_ / record.artifact.path;
  EXPECT_EQ(std::filesystem::file_size(file), record.artifact.bytes);
  EXPECT_EQ(record.artifact.sha256.size(), 64U);
  EXPECT_THAT(read_dump(record, file), IsEmpty());

  auto other = record;
  other.tables[0].rows = 99;
  EXPECT_EQ(read_dump(other, file).size(), 1U);
}

TEST_P(DriverConformanceTest, LeavesNoFileOfAFailedDump) {
  world_->break_dump();
  EXPECT_THROW(dump(), DatabaseError);
  EXPECT_EQ(files(), 0U);
}

TEST_P(DriverConformanceTest, CanBeStopped) {
  std::stop_source stop;
  stop.request_stop();
  const auto lease = session_->freeze("app", {});
  EXPECT_THROW(lease->dump(
                   request(), [](std::uint64_t, std::uint64_t) {}, stop.get_token()),
               dockerapi::Cancelled);
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(dump().tables[0].rows, 100U);
}

TEST_P(DriverConformanceTest, StagesBesideTheLiveDatabase) {
  const auto record = dump();
  world_->write("app", 101, 200);
  EXPECT_THAT(session_->objections(record, {}), IsEmpty());

  const auto staged = stage(record);

  EXPECT_THAT(staged->verify(), IsEmpty());
  EXPECT_EQ(world_->count("app"), 200);
  staged->discard();
  EXPECT_EQ(world_->databases(), std::vector<std::string>{"app"});
}

TEST_P(DriverConformanceTest, SwapsAndSwapsBack) {
  const auto record = dump();
  world_->write("app", 101, 200);
  const auto staged = stage(record);

  staged->commit();
  EXPECT_EQ(world_->count("app"), 100);
  staged->undo();
  EXPECT_EQ(world_->count("app"), 200);
  staged->commit();
  EXPECT_EQ(world_->count("app"), 100);
  staged->discard();
  EXPECT_EQ(world_->databases(), std::vector<std::string>{"app"});
}

TEST_P(DriverConformanceTest, BringsBackADatabaseThatIsGone) {
  const auto record = dump();
  world_->drop("app");
  const auto staged = stage(record);
  staged->commit();
  EXPECT_EQ(world_->count("app"), 100);
  staged->discard();
  EXPECT_EQ(world_->databases(), std::vector<std::string>{"app"});
}

TEST_P(DriverConformanceTest, LeavesTheLiveDatabaseAloneIfARestoreFails) {
  const auto record = dump();
  world_->break_restore();
  EXPECT_THROW(stage(record), DatabaseError);
  EXPECT_EQ(world_->count("app"), 100);
  EXPECT_EQ(world_->databases(), std::vector<std::string>{"app"});
}

TEST_P(DriverConformanceTest, RefusesADumpThatIsNotWhatWasRecorded) {
  auto record = dump();
  std::filesystem::resize_file(directory_ / record.artifact.path, record.artifact.bytes / 2);
  EXPECT_THROW(stage(record), IntegrityError);
  EXPECT_EQ(world_->databases(), std::vector<std::string>{"app"});
}

TEST_P(DriverConformanceTest, NoticesWhatChangedInTheStagedDatabase) {
  const auto staged = stage(dump());
  world_->write(staged->staged_name(), 101, 101);
  EXPECT_EQ(staged->verify().size(), 1U);
  staged->discard();
}

TEST_P(DriverConformanceTest, RecoversAtEveryStep) {
  const auto record = dump();
  world_->write("app", 101, 200);
  EXPECT_THAT(session_->recover("job1"), IsEmpty());

  stage(record);
  EXPECT_FALSE(session_->recover("job1").empty());
  EXPECT_EQ(world_->databases(), std::vector<std::string>{"app"});

  const auto staged = stage(record);
  EXPECT_FALSE(session_->swapped("job1"));
  staged->commit();
  EXPECT_TRUE(session_->swapped("job1"));
  EXPECT_FALSE(session_->recover("job1").empty());
  EXPECT_FALSE(session_->swapped("job1"));
  EXPECT_EQ(world_->count("app"), 200);
  EXPECT_EQ(world_->databases(), std::vector<std::string>{"app"});
  EXPECT_THAT(session_->recover("job1"), IsEmpty());
}

TEST_P(DriverConformanceTest, KeepsWhatACommittedRestoreReplacedUntilItIsDropped) {
  const auto record = dump();
  world_->write("app", 101, 200);
  const auto staged = stage(record);
  staged->commit();
  EXPECT_TRUE(staged->has_previous());

  session_->keep("job1");

  EXPECT_EQ(world_->count("app"), 100);
  EXPECT_GT(session_->kept_bytes("app", "job1"), 0U);
  EXPECT_THAT(session_->recover("job2"), IsEmpty());
  session_->drop_kept("app", "job1");
  EXPECT_EQ(session_->kept_bytes("app", "job1"), 0U);
  EXPECT_EQ(world_->databases(), std::vector<std::string>{"app"});
}

TEST_P(DriverConformanceTest, GoesBackToWhatARestoreReplaced) {
  const auto record = dump();
  world_->write("app", 101, 200);
  stage(record)->commit();
  session_->keep("job1");

  const auto kept = session_->adopt("app", "job1", "job2");
  EXPECT_THAT(kept->verify(), IsEmpty());
  kept->commit();
  session_->keep("job2");

  EXPECT_EQ(world_->count("app"), 200);
  EXPECT_EQ(session_->kept_bytes("app", "job1"), 0U);
  EXPECT_GT(session_->kept_bytes("app", "job2"), 0U);
  // And forth again.
  session_->adopt("app", "job2", "job3")->commit();
  session_->keep("job3");
  EXPECT_EQ(world_->count("app"), 100);
}

TEST_P(DriverConformanceTest, AGoingBackThatFailsLeavesBothStatesWhereTheyWere) {
  const auto record = dump();
  world_->write("app", 101, 200);
  stage(record)->commit();
  session_->keep("job1");
  const auto expect_untouched = [&] {
    EXPECT_EQ(world_->count("app"), 100);
    EXPECT_GT(session_->kept_bytes("app", "job1"), 0U);
    EXPECT_EQ(session_->kept_bytes("app", "job2"), 0U);
    EXPECT_EQ(world_->databases().size(), 2U);
  };

  const auto kept = session_->adopt("app", "job1", "job2");
  kept->commit();
  kept->undo();
  expect_untouched();

  // A crash instead.
  session_->adopt("app", "job1", "job2")->commit();
  EXPECT_FALSE(session_->recover("job2").empty());
  expect_untouched();
  EXPECT_THAT(session_->recover("job2"), IsEmpty());
}

TEST_P(DriverConformanceTest, GoesBackToNoDatabaseAtAll) {
  const auto kept = session_->adopt("app", "", "job2");
  kept->commit();
  EXPECT_TRUE(kept->has_previous());
  EXPECT_GT(session_->kept_bytes("app", "job2"), 0U);

  kept->undo();
  EXPECT_EQ(world_->count("app"), 100);
  session_->adopt("app", "", "job2")->commit();
  EXPECT_FALSE(session_->recover("job2").empty());
  EXPECT_EQ(world_->count("app"), 100);
}

TEST_P(DriverConformanceTest, CannotGoBackToWhatIsGone) {
  EXPECT_THROW(session_->adopt("app", "nobody", "job2"), DatabaseError);
}

TEST_P(DriverConformanceTest, RunsStatementsOfTheOperators) {
  std::string told;
  session_->run_sql("app", "INSERT INTO numbers VALUES (1000);\nSELECT 'it is ' || 'done';\n",
                    [&](std::string_view bytes) { told += bytes; }, {});

  EXPECT_EQ(world_->count("app"), 101);
  EXPECT_THAT(told, testing::HasSubstr("it is done"));
}

TEST_P(DriverConformanceTest, RunsStatementsUpToTheFirstError) {
  std::string told;
  EXPECT_THROW(session_->run_sql("app",
                                 "INSERT INTO numbers VALUES (1000);\nSELECT 1 / 0;\n"
                                 "INSERT INTO numbers VALUES (1001);\n",
                                 [&](std::string_view bytes) { told += bytes; }, {}),
               DatabaseError);

  EXPECT_EQ(world_->count("app"), 101);
  EXPECT_THAT(told, testing::HasSubstr("division by zero"));
}

// Else it would go on unseen, and hold locks.
TEST_P(DriverConformanceTest, EndsStatementsThatAreToStop) {
  std::stop_source stop;
  EXPECT_THROW(session_->run_sql(
                   "app",
                   "SELECT 'begun';\n"
                   "DO $$BEGIN LOCK TABLE numbers; PERFORM pg_sleep(600); END$$;\n",
                   [&](std::string_view) { stop.request_stop(); }, stop.get_token()),
               dockerapi::Cancelled);

  session_->run_sql("app", "SET lock_timeout = '20s'; BEGIN; LOCK TABLE numbers; COMMIT;",
                    [](std::string_view) {}, {});
}

std::unique_ptr<DriverWorld> local_world() {
  return std::make_unique<PostgresWorld>(LocalPostgres::shared(), run_locally);
}

std::unique_ptr<DriverWorld> postgres_17_world() {
  const auto* server = ContainerPostgres::shared("cofferdam-test/postgres:17");
  return server ? std::make_unique<PostgresWorld>(*server, server->exec()) : nullptr;
}

INSTANTIATE_TEST_SUITE_P(Drivers, DriverConformanceTest,
                         testing::Values(WorldFactory{"Postgres", local_world},
                                         WorldFactory{"Postgres17", postgres_17_world}),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace controller
