#include "controller/outage/journal.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>

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
  journal.mark_committed(job);

  EXPECT_TRUE(journal.open_jobs().at(0).past_commit);
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

}  // namespace
}  // namespace controller
