#include "controller/schedule/schedule_book.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "controller/outage/journal.h"
#include "controller/schedule/schedule_progress.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using namespace std::chrono_literals;

constexpr sys_seconds kMidnight = sys_days(2026y / 11 / 20);

TEST(ScheduleBookTest, KeepsEveryFieldAcrossProcesses) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "state.db";
  auto record = fresh_record(kMidnight);
  {
    ScheduleBook book(file);
    EXPECT_EQ(book.find("shop", "daily"), std::nullopt);
    record.state.waiting = kMidnight + hours{2};
    begin_run(record, "daily-1", kMidnight + hours{2});
    end_run(record, RunOutcome::Made, 3, kMidnight + hours{3});
    record.cron = "0 2 * * *";
    record.zone = "Europe/Berlin";
    book.put("shop", "daily", record);
    book.put("shop", "weekly", fresh_record(kMidnight));
  }
  ScheduleBook later(file);
  EXPECT_EQ(later.find("shop", "daily"), record);
  EXPECT_EQ(later.find("shop", "weekly"), fresh_record(kMidnight));
  EXPECT_EQ(later.find("other", "daily"), std::nullopt);
}

TEST(ScheduleBookTest, ReadsWhatAnOlderVersionWrote) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "state.db";
  const auto path = file.string();
  sqlite3* older = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &older), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(older, R"(
      CREATE TABLE schedule(
        project TEXT NOT NULL, name TEXT NOT NULL, considered INTEGER NOT NULL,
        waiting INTEGER NOT NULL, first_seen INTEGER NOT NULL, started INTEGER NOT NULL,
        finished INTEGER NOT NULL, exit_code INTEGER NOT NULL, snapshot TEXT NOT NULL,
        succeeded INTEGER NOT NULL, PRIMARY KEY(project, name));
      INSERT INTO schedule VALUES('shop', 'daily', 7200, -9223372036854775808, 60, 7200, 7260, 3,
        'daily-1', 7200))",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(older);

  ScheduleBook book(file);
  auto record = book.find("shop", "daily");

  ASSERT_TRUE(record);
  EXPECT_EQ(*record, (ScheduleRecord{{sys_seconds(7200s), std::nullopt},
                                     sys_seconds(60s),
                                     sys_seconds(7200s),
                                     sys_seconds(7260s),
                                     3,
                                     "daily-1",
                                     sys_seconds(7200s),
                                     "",
                                     ""}));
  record->cron = "0 2 * * *";
  book.put("shop", "daily", *record);
  EXPECT_EQ(ScheduleBook(file).find("shop", "daily"), record);
}

TEST(ScheduleBookTest, KeepsWhatWasMadeAcrossProcesses) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "state.db";
  const MadeSchedule hourly{"hourly", {{"cron", "0 * * * *"}, {"services", "files"}}};
  const MadeSchedule daily{"daily", {{"cron", "@daily"}}};
  {
    ScheduleBook book(file);
    EXPECT_TRUE(book.made("shop").empty());
    book.make("shop", hourly);
    book.make("shop", daily);
    book.make("other", daily);
  }
  ScheduleBook later(file);
  EXPECT_EQ(later.made("shop"), (std::vector{daily, hourly}));
  later.make("shop", {"hourly", {{"cron", "@hourly"}}});
  EXPECT_EQ(later.made("shop")[1], (MadeSchedule{"hourly", {{"cron", "@hourly"}}}));
  EXPECT_TRUE(later.unmake("shop", "daily"));
  EXPECT_FALSE(later.unmake("shop", "daily"));
  EXPECT_EQ(later.made("shop").size(), 1U);
  EXPECT_EQ(later.made("other").size(), 1U);
}

TEST(ScheduleBookTest, SharesTheJournalsFile) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "state.db";
  ScheduleBook(file).put("shop", "daily", fresh_record(kMidnight));
  Journal journal(file);
  journal.begin("create", "one", "shop");
  EXPECT_TRUE(ScheduleBook(file).find("shop", "daily"));
  EXPECT_EQ(journal.open_jobs().size(), 1U);
}

TEST(ScheduleBookTest, NotesASnapshotThatItsOwnRunsDidNotMake) {
  const TemporaryFolder folder;
  ScheduleBook book(folder.path() / "state.db");
  auto record = fresh_record(kMidnight);
  begin_run(record, "daily-1", kMidnight + hours{2});
  book.put("shop", "daily", record);
  book.put("other", "daily", record);

  book.note_success("shop", "daily", kMidnight + hours{5});
  book.note_success("shop", "weekly", kMidnight + hours{5});

  EXPECT_EQ(book.find("other", "daily"), record);
  EXPECT_EQ(book.find("shop", "weekly"), std::nullopt);
  record.succeeded = kMidnight + hours{5};
  EXPECT_EQ(book.find("shop", "daily"), record);
}

class ScheduleProgressTest : public testing::Test {
 protected:
  /// When a daily schedule is overdue at `now`.
  [[nodiscard]] std::optional<sys_seconds> overdue(sys_seconds now) const {
    return overdue_since(schedule_, record_, now);
  }

  void run(RunOutcome outcome, sys_seconds at) {
    record_.state.waiting = at;
    begin_run(record_, "one", at);
    end_run(record_, outcome, 0, at + minutes{5});
  }

  Schedule schedule_{"daily", parse_cron("0 2 * * *"), TimeZone("UTC")};
  ScheduleRecord record_ = fresh_record(kMidnight);
};

TEST_F(ScheduleProgressTest, IsOverdueAnHourAfterItsTime) {
  EXPECT_EQ(overdue(kMidnight), std::nullopt);
  EXPECT_EQ(overdue(kMidnight + hours{3} - 1s), std::nullopt);
  EXPECT_EQ(overdue(kMidnight + hours{3}), kMidnight + hours{2});
}

TEST_F(ScheduleProgressTest, IsNotOverdueAfterASnapshotUntilTheNextTime) {
  run(RunOutcome::Made, kMidnight + hours{2} + 1s);
  EXPECT_EQ(overdue(kMidnight + hours{26}), std::nullopt);
  EXPECT_EQ(overdue(kMidnight + hours{28}), kMidnight + hours{26});
}

TEST_F(ScheduleProgressTest, IsOverdueThoughItRanAndFailed) {
  run(RunOutcome::Failed, kMidnight + hours{2});
  EXPECT_EQ(overdue(kMidnight + hours{4}), kMidnight + hours{2});
  EXPECT_EQ(record_.state.waiting, std::nullopt) << "a next attempt would end alike";
}

TEST_F(ScheduleProgressTest, StillHasToDoWhatCouldNotBeDone) {
  run(RunOutcome::Postponed, kMidnight + hours{2});
  EXPECT_EQ(record_.state.waiting, kMidnight + hours{2});
}

TEST_F(ScheduleProgressTest, StillHasToDoWhatCameWhileItWasAtWork) {
  record_.state.waiting = kMidnight + hours{2};
  begin_run(record_, "one", kMidnight + hours{2} + 1s);
  record_.state.waiting = kMidnight + hours{3};
  end_run(record_, RunOutcome::Made, 0, kMidnight + hours{4});

  EXPECT_EQ(record_.state.waiting, kMidnight + hours{3});
}

TEST_F(ScheduleProgressTest, DoesNotBelieveASuccessInTheFuture) {
  run(RunOutcome::Made, kMidnight + hours{24 * 365});
  EXPECT_EQ(overdue(kMidnight + hours{4}), kMidnight + hours{2});
}

TEST_F(ScheduleProgressTest, CountsFromItsDelay) {
  schedule_.delay = hours{1};
  EXPECT_EQ(overdue(kMidnight + hours{4} - 1s), std::nullopt);
  EXPECT_EQ(overdue(kMidnight + hours{4}), kMidnight + hours{2});
}

}  // namespace
}  // namespace controller
