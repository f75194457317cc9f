#include "controller/cli/scheduler.h"

#include <gtest/gtest.h>

#include "controller/cli/output.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using namespace std::chrono_literals;

constexpr sys_seconds kTwo = sys_days(2026y / 11 / 20) + hours{2};

/// An earlier process began the run of two o'clock.
class SchedulerTest : public testing::Test {
 protected:
  SchedulerTest() {
    auto record = fresh_record(kTwo - hours{2});
    record.state = {kTwo, kTwo};
    begin_run(record, "daily-1", kTwo);
    book_.put("shop", "daily", record);
  }

  void make_snapshot() {
    Manifest manifest;
    manifest.name = "daily-1";
    store_.begin(manifest.name)->commit(manifest);
  }

  /// As an earlier `serve` that looked after `capture`, and found the snapshot of two o'clock.
  void look_before(const ScheduledCapture& capture) {
    make_snapshot();
    Scheduler({capture}, "shop", {book_, store_, *reporter_}, false).look(kTwo + minutes{30});
  }

  /// As `serve` that begins with `capture`.
  Scheduler restarted(const ScheduledCapture& capture) {
    return {{capture}, "shop", {book_, store_, *reporter_}, false};
  }

  ScheduleRecord record() { return book_.find("shop", "daily").value(); }

  static ScheduledCapture daily(const std::string& cron, const std::string& name = "daily") {
    return {{name, parse_cron(cron), TimeZone("UTC")}, {}, {}, false};
  }

  TemporaryFolder folder_;
  ScheduleBook book_{folder_.path() / "state.db"};
  fakes::MemoryStore store_;
  std::unique_ptr<Reporter> reporter_ = make_reporter({});
  Scheduler scheduler_{{{{"daily", parse_cron("0 2 * * *"), TimeZone("UTC")}, {}, {}}},
                       "shop",
                       {book_, store_, *reporter_},
                       false};
};

TEST_F(SchedulerTest, CapturesNotAgainWhatAnEarlierProcessHadCaptured) {
  make_snapshot();

  scheduler_.look(kTwo + minutes{30});

  EXPECT_EQ(record().succeeded, kTwo);
  EXPECT_EQ(record().finished, kTwo + minutes{30});
  EXPECT_EQ(record().state.waiting, std::nullopt) << "it would be made up for";
  EXPECT_TRUE(scheduler_.overdue(kTwo + hours{2}).empty());
}

TEST_F(SchedulerTest, MakesUpForWhatAnEarlierProcessDidNotFinish) {
  scheduler_.look(kTwo + minutes{30});

  EXPECT_EQ(record().succeeded, std::nullopt);
  EXPECT_EQ(record().state.waiting, kTwo);
  EXPECT_EQ(scheduler_.overdue(kTwo + hours{2}).size(), 1U);
}

TEST_F(SchedulerTest, KnowsHowFarASchedulesHasComeWhenOthersAreSaid) {
  make_snapshot();
  scheduler_.look(kTwo + minutes{30});
  const auto before = record();

  scheduler_.use({daily("0 2 * * *"), daily("0 5 * * *", "other")}, false, kTwo + hours{1});
  scheduler_.look(kTwo + hours{2});

  EXPECT_EQ(record(), before);
  ASSERT_TRUE(book_.find("shop", "other"));
  EXPECT_EQ(book_.find("shop", "other")->state.waiting, std::nullopt);
}

// It ran at two, and was never to run at one.
TEST_F(SchedulerTest, MakesUpForNoTimeThatWasNotSaidThen) {
  make_snapshot();
  scheduler_.look(kTwo + minutes{30});
  const auto noon = kTwo + hours{10};

  scheduler_.use({daily("0 11 * * *")}, false, noon);
  scheduler_.look(noon + minutes{1});

  EXPECT_EQ(record().state.waiting, std::nullopt);
  EXPECT_EQ(record().succeeded, kTwo);
  EXPECT_TRUE(scheduler_.overdue(noon + hours{2}).empty());
  EXPECT_EQ(scheduler_.overdue(noon + hours{25}).size(), 1U);
}

// As after a try that failed at another one: what is to be run is still to be run.
TEST_F(SchedulerTest, ChangedTimesMayBeTakenUpTwice) {
  const auto later = daily("0 11 * * *");
  auto begun = record();
  begin_anew(begun, later.schedule, kTwo + hours{1});
  book_.put("shop", "daily", begun);
  scheduler_.use({later}, false, kTwo + hours{2});
  EXPECT_EQ(record(), begun);
  EXPECT_TRUE(record().state.waiting);
}

TEST_F(SchedulerTest, MakesUpForNoTimeThatWasNotSaidBeforeItsStart) {
  look_before(daily("0 2 * * *"));
  const auto noon = kTwo + hours{10};

  auto scheduler = restarted(daily("0 11 * * *"));
  scheduler.look(noon + minutes{1});

  EXPECT_EQ(record().state.waiting, std::nullopt);
  EXPECT_EQ(record().succeeded, kTwo);
  EXPECT_TRUE(scheduler.overdue(noon + hours{2}).empty());
  EXPECT_EQ(scheduler.overdue(noon + hours{25}).size(), 1U);
  scheduler.look(noon + hours{24});
  EXPECT_EQ(record().state.waiting, noon + hours{23});
}

TEST_F(SchedulerTest, TakesAnotherZoneForOtherTimes) {
  look_before(daily("0 11 * * *"));
  auto tokyo = daily("0 11 * * *");
  tokyo.schedule.zone = TimeZone("Asia/Tokyo");  // where it is eleven at two

  auto scheduler = restarted(tokyo);
  scheduler.look(kTwo + hours{24} + minutes{1});

  EXPECT_EQ(record().state.waiting, std::nullopt);
  EXPECT_TRUE(scheduler.overdue(kTwo + hours{26}).empty());
}

TEST_F(SchedulerTest, MakesUpForWhatItsOwnTimesWereBeforeItsStart) {
  look_before(daily("0 2 * * *"));

  restarted(daily("0 2 * * *")).look(kTwo + hours{30});

  EXPECT_EQ(record().state.waiting, kTwo + hours{24});
}

TEST_F(SchedulerTest, LeavesARunOfOtherTimesThatAnEarlierProcessDidNotFinish) {
  scheduler_.look(kTwo + minutes{5});
  ASSERT_EQ(record().state.waiting, kTwo);

  restarted(daily("0 11 * * *")).look(kTwo + minutes{10});

  EXPECT_EQ(record().state.waiting, std::nullopt);
  EXPECT_EQ(record().finished, kTwo + minutes{10}) << "it would be said to go on";
  EXPECT_EQ(record().exit_code, 130);
}

// One that could not be meant for a while, say.
TEST_F(SchedulerTest, MakesUpForNothingWhereAScheduleComesBackWithOtherTimes) {
  scheduler_.look(kTwo + minutes{5});
  scheduler_.use({}, false, kTwo + minutes{10});
  scheduler_.look(kTwo + hours{1});

  scheduler_.use({daily("0 11 * * *")}, false, kTwo + hours{10});
  scheduler_.look(kTwo + hours{10});

  EXPECT_EQ(record().state.waiting, std::nullopt);
  EXPECT_TRUE(scheduler_.overdue(kTwo + hours{12}).empty());
}

TEST_F(SchedulerTest, TakesARecordThatSaysNoTimesForOneOfItsOwn) {
  make_snapshot();
  ASSERT_EQ(record().cron, "") << "an older version wrote it";

  scheduler_.look(kTwo + hours{30});

  EXPECT_EQ(record().state.waiting, kTwo + hours{24});
  EXPECT_EQ(record().cron, "0 2 * * *");
  EXPECT_EQ(record().zone, "UTC");
}

// Whoever only looks may read a config file that is not in force yet.
TEST_F(SchedulerTest, IsNotDisturbedByWhoeverLooksAtOtherTimes) {
  scheduler_.look(kTwo + minutes{5});
  const auto before = record();

  const auto shown =
      schedule_standings(book_, "shop", {daily("0 1 * * *")}, kTwo + hours{30}).front();

  EXPECT_EQ(shown.overdue, std::nullopt);
  EXPECT_EQ(record(), before);
}

TEST_F(SchedulerTest, RunsNothingAgainAndLosesNothingWhenTheJitterChanges) {
  make_snapshot();
  scheduler_.look(kTwo + minutes{30});
  auto later = daily("0 2 * * *");
  later.schedule.delay = minutes{45};

  scheduler_.use({later}, false, kTwo + minutes{35});
  scheduler_.look(kTwo + hours{1});
  EXPECT_EQ(record().state.waiting, std::nullopt) << "two o'clock has been run";

  scheduler_.look(kTwo + hours{24} + minutes{30});
  scheduler_.use({daily("0 2 * * *")}, false, kTwo + hours{24} + minutes{31});
  scheduler_.look(kTwo + hours{24} + minutes{32});
  EXPECT_EQ(record().state.waiting, kTwo + hours{24}) << "the next two o'clock has not";
}

TEST_F(SchedulerTest, KeepsATimeThatIsStillToBeRunWhenItsTimesChange) {
  scheduler_.look(kTwo + minutes{30});
  ASSERT_EQ(record().state.waiting, kTwo);

  scheduler_.use({daily("0 11 * * *")}, false, kTwo + hours{1});
  scheduler_.look(kTwo + hours{1});

  EXPECT_EQ(record().state.waiting, kTwo);
}

// A schedule that had been taken out while its run went on is said again.
TEST_F(SchedulerTest, SettlesTheRunOfAScheduleThatComesBack) {
  scheduler_.use({}, false, kTwo + minutes{5});
  scheduler_.look(kTwo + minutes{10});
  EXPECT_EQ(record().finished, std::nullopt);
  make_snapshot();

  scheduler_.use({daily("0 2 * * *")}, false, kTwo + minutes{20});
  scheduler_.look(kTwo + minutes{30});

  EXPECT_EQ(record().succeeded, kTwo);
  EXPECT_EQ(record().state.waiting, std::nullopt);
}

TEST_F(SchedulerTest, KnowsWhichEndsAreWorthAnotherAttempt) {
  const auto outcome = [this](int exit_code) { return outcome_of(exit_code, store_, "daily-1"); };

  EXPECT_EQ(outcome(0), RunOutcome::Made);
  EXPECT_EQ(outcome(3), RunOutcome::Made);
  EXPECT_EQ(outcome(11), RunOutcome::Postponed);
  EXPECT_EQ(outcome(16), RunOutcome::Postponed);
  EXPECT_EQ(outcome(1), RunOutcome::Failed);
  EXPECT_EQ(outcome(137), RunOutcome::Failed);
}

// A copy off the host goes on for hours after the snapshot is there.
TEST_F(SchedulerTest, TakesNoRunWithASnapshotForAFailure) {
  make_snapshot();

  EXPECT_EQ(outcome_of(130, store_, "daily-1"), RunOutcome::Made);
  EXPECT_EQ(outcome_of(137, store_, "daily-1"), RunOutcome::Made);
  EXPECT_EQ(outcome_of(130, store_, "daily-2"), RunOutcome::Failed);
}

}  // namespace
}  // namespace controller
