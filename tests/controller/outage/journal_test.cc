#include "controller/outage/journal.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>

#include "controller/outage/statement.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

class JournalTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "deep" / "state.db"; }

  static Step stop_of(const std::string& name) {
    Step step;
    step.kind = Step::Kind::Container;
    step.stop.container = {std::string(64, 'a')};
    step.stop.name = name;
    step.stop.project = "shop";
    step.stop.service = "db";
    step.stop.number = 2;
    step.stop.action = PlannedStop::Action::Pause;
    step.stop.level = 3;
    step.stop.state = dockerapi::ContainerState::Paused;
    step.stop.restart_policy = {"on-failure", 5};
    step.stop.started_at = "2026-11-20T02:00:00.123456789Z";
    step.stop.await_healthy = true;
    return step;
  }

  TemporaryFolder folder_;
};

TEST_F(JournalTest, KeepsEveryFieldOfAnIntentAcrossProcesses) {
  std::string job;
  {
    Journal journal(file());
    job = journal.begin("create", "nightly", "shop");
    journal.intend(job, stop_of("shop-db-2"));
  }

  Journal later(file());
  const auto steps = later.open_steps(job);

  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].kind, Step::Kind::Container);
  EXPECT_EQ(steps[0].stop, stop_of("shop-db-2").stop);
}

TEST_F(JournalTest, ForgetsSettledStepsOnly) {
  Journal journal(file());
  const auto job = journal.begin("create", "nightly", "shop");
  const auto first = journal.intend(job, stop_of("one"));
  journal.intend(job, stop_of("two"));

  journal.settle(first);

  const auto steps = journal.open_steps(job);
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].stop.name, "two");
}

TEST_F(JournalTest, AFinishedJobIsOpenWhileOneOfItsStepsIs) {
  Journal journal(file());
  const auto job = journal.begin("create", "nightly", "shop");
  const auto step = journal.intend(job, stop_of("one"));
  journal.finish(job, "failed", "");

  EXPECT_EQ(journal.open_jobs().size(), 1U);
  journal.settle(step);
  EXPECT_TRUE(journal.open_jobs().empty());
}

TEST_F(JournalTest, RemembersThatAJobWasCommitted) {
  Journal journal(file());
  const auto job = journal.begin("restore", "nightly", "shop");
  journal.commit({job, "restore", "shop", "nightly", "", "", false, {}}, "");

  EXPECT_TRUE(journal.open_jobs().at(0).past_commit);
  EXPECT_TRUE(journal.points().empty()) << "nothing was kept";
}

RollbackPoint point_of(const std::string& job) {
  return {job,
          "restore",
          "shop",
          "nightly",
          "2026-11-20T02:00:00Z",
          "2026-11-23T02:00:00Z",
          false,
          {{KeptItem::Kind::Volume, "shop_files", "/v/shop_files/_data", job, 0},
           {KeptItem::Kind::NewDatabase, "db", "app", job, 0}}};
}

TEST_F(JournalTest, KeepsWhatACommittedJobReplaced) {
  std::string job;
  {
    Journal journal(file());
    job = journal.begin("restore", "nightly", "shop");
    journal.commit(point_of(job), "");
    journal.set_bytes(job, 0, 4711);
  }

  auto expected = point_of(job);
  expected.items[0].bytes = 4711;
  EXPECT_EQ(Journal(file()).points(), std::vector{expected});
}

TEST_F(JournalTest, ACommitConsumesThePointItWentBackTo) {
  Journal journal(file());
  const auto first = journal.begin("restore", "nightly", "shop");
  journal.commit(point_of(first), "");
  const auto second = journal.begin("undo", "nightly", "shop");
  journal.commit(point_of(second), first);

  EXPECT_EQ(journal.points(), std::vector{point_of(second)});
}

TEST_F(JournalTest, ListsTheNewestPointFirst) {
  Journal journal(file());
  const auto first = journal.begin("restore", "nightly", "shop");
  journal.commit(point_of(first), "");
  const auto second = journal.begin("restore", "weekly", "shop");
  journal.commit(point_of(second), "");

  ASSERT_EQ(journal.points().size(), 2U);
  EXPECT_EQ(journal.points()[0].job, second);
}

TEST_F(JournalTest, APointBeingDroppedIsThereUntilItIsForgotten) {
  Journal journal(file());
  const auto job = journal.begin("restore", "nightly", "shop");
  journal.commit(point_of(job), "");

  journal.begin_drop(job);
  EXPECT_TRUE(journal.points().at(0).dropping);
  journal.forget_point(job);
  EXPECT_TRUE(journal.points().empty());
}

// Written by version 0.1.0.
constexpr const char* kFirstVersion = R"(
CREATE TABLE job(
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, snapshot TEXT NOT NULL, project TEXT NOT NULL,
  started_at TEXT NOT NULL, finished_at TEXT, state TEXT NOT NULL, note TEXT NOT NULL DEFAULT '',
  past_commit INTEGER NOT NULL DEFAULT 0);
CREATE TABLE step(
  id INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL REFERENCES job(id), kind TEXT NOT NULL,
  container TEXT, name TEXT, project TEXT, service TEXT, number INTEGER, action TEXT, level INTEGER,
  was TEXT, policy TEXT, policy_retries INTEGER, started_at TEXT, await_healthy INTEGER,
  subject TEXT, detail TEXT, settled INTEGER NOT NULL DEFAULT 0);
CREATE INDEX open_step ON step(job) WHERE settled = 0;
PRAGMA user_version = 1;
INSERT INTO job(id, kind, snapshot, project, started_at, state)
  VALUES('j', 'restore', 'nightly', 'shop', '2026-11-20T02:00:00Z', 'running');
INSERT INTO step(job, kind, subject, detail) VALUES('j', 'volume-swap', 'shop_files', '/v/_data');
)";

TEST_F(JournalTest, ReadsTheStepsOfAnOlderVersion) {
  std::filesystem::create_directories(file().parent_path());
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &raw), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(raw, kFirstVersion, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(raw);

  Journal journal(file());

  const auto steps = journal.open_steps("j");
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].detail, "/v/_data");
  EXPECT_EQ(steps[0].place, "");
  EXPECT_TRUE(journal.points().empty());
}

TEST_F(JournalTest, GivesEachJobAnIdOfItsOwn) {
  Journal journal(file());
  EXPECT_NE(journal.begin("create", "a", "shop"), journal.begin("create", "a", "shop"));
}

TEST_F(JournalTest, SyncsEveryWrite) {
  Journal journal(file());
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &raw), SQLITE_OK);
  sqlite3_stmt* mode = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(raw, "PRAGMA journal_mode", -1, &mode, nullptr), SQLITE_OK);
  ASSERT_EQ(sqlite3_step(mode), SQLITE_ROW);
  EXPECT_STREQ(reinterpret_cast<const char*>(sqlite3_column_text(mode, 0)), "wal");
  sqlite3_finalize(mode);
  sqlite3_close(raw);
}

TEST_F(JournalTest, RefusesAFileThatIsNoJournal) {
  std::filesystem::create_directories(file().parent_path());
  std::ofstream(file()) << "this is no database, and long enough to be read as one: "
                        << std::string(200, 'x');

  EXPECT_THROW(Journal{file()}, JournalError);
}

TEST_F(JournalTest, RefusesAJournalOfANewerVersion) {
  { const Journal journal(file()); }
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &raw), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(raw, "PRAGMA user_version = 99", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(raw);

  EXPECT_THROW(Journal{file()}, JournalError);
}

TEST(Statement, TellsAFullFileSystemFromOtherFaults) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(":memory:", &database), SQLITE_OK);
  sqlite3_exec(database, "CREATE TABLE t (c); PRAGMA max_page_count=2", nullptr, nullptr, nullptr);

  EXPECT_THROW(Statement(database, "INSERT INTO t VALUES (zeroblob(100000))").step(), JournalFull);
  try {
    Statement(database, "INSERT INTO missing VALUES (1)").step();
    FAIL();
  } catch (const JournalFull&) {
    FAIL() << "there is room";
  } catch (const JournalError& error) {
    EXPECT_NE(std::string(error.what()).find("no such table"), std::string::npos) << error.what();
  }
  sqlite3_close(database);
}

}  // namespace
}  // namespace controller
