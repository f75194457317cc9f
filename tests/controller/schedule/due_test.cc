#include "controller/schedule/due.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

/// A sidecar that looks every so often, and runs that end when the test says so.
class Due : public testing::Test {
 protected:
  void add(const std::string& name, const std::string& cron, Overlap overlap = Overlap::Skip,
           std::chrono::seconds make_up_within = std::chrono::seconds::max()) {
    schedules_.push_back(
        {name, parse_cron(cron), TimeZone("Europe/Berlin"), make_up_within, overlap});
    states_.push_back({now_, std::nullopt});
  }

  /// What happens when somebody looks at `time`.
  std::string look(sys_seconds time) {
    now_ = time;
    auto decision = decide(schedules_, states_, now_, running_);
    states_ = decision.states;
    std::string text;
    for (const auto& skipped : decision.skipped) {
      text += "skip " + skipped + "\n";
    }
    if (decision.run) {
      running_ = decision.run;
      const auto& schedule = schedules_[*running_];
      text += "run " + schedule.name + " of " +
              civil_text(schedule.zone, *states_[*running_].waiting) + "\n";
      states_[*running_].waiting.reset();
    }
    return text;
  }

  std::string look_after(std::chrono::seconds duration) { return look(now_ + duration); }
  void end_run() { running_.reset(); }

  sys_seconds now_ = sys_days(std::chrono::year(2026) / 11 / 20);  // 01:00 in Berlin
  std::vector<Schedule> schedules_;
  std::vector<ScheduleState> states_;
  std::optional<std::size_t> running_;
};

TEST_F(Due, RunsATimeOnce) {
  add("daily", "0 2 * * *");

  EXPECT_EQ(look_after(minutes(59)), "");
  EXPECT_EQ(look_after(minutes(1)), "run daily of 2026-11-20 02:00 +01:00\n");
  end_run();
  EXPECT_EQ(look_after(minutes(1)), "");
}

TEST_F(Due, RunsNoTimeOfARepeatingOneAgainWhenItsDelayGrows) {
  add("often", "*/10 * * * *");
  EXPECT_EQ(look_after(minutes(10)), "run often of 2026-11-20 01:10 +01:00\n");
  end_run();
  schedules_[0].delay = minutes(7);

  EXPECT_EQ(look_after(minutes(7)), "");
  EXPECT_EQ(look_after(minutes(10)), "run often of 2026-11-20 01:20 +01:00\n");
}

TEST_F(Due, MakesUpForDowntimeWithOneRun) {
  add("daily", "0 2 * * *");

  EXPECT_EQ(look_after(days(3)), "run daily of 2026-11-22 02:00 +01:00\n");
  end_run();
  EXPECT_EQ(look_after(minutes(1)), "");
}

TEST_F(Due, DoesNotMakeUpForWhatIsTooOld) {
  add("daily", "0 2 * * *", Overlap::Skip, hours(12));

  EXPECT_EQ(
      look_after(hours(14)),
      "skip daily: 2026-11-20 02:00 +01:00: it was missed, and is too old to be made up for\n");
  EXPECT_EQ(look_after(hours(14)), "run daily of 2026-11-21 02:00 +01:00\n");
}

TEST_F(Due, SkipsOrQueuesWhatItsOwnRunOverlaps) {
  add("skips", "0 * * * *");
  EXPECT_EQ(look_after(hours(1)), "run skips of 2026-11-20 02:00 +01:00\n");
  EXPECT_EQ(look_after(hours(1)), "skip skips: 2026-11-20 03:00 +01:00: its last run goes on\n");

  schedules_[0].overlap = Overlap::Queue;
  EXPECT_EQ(look_after(hours(1)), "");
  end_run();
  EXPECT_EQ(look_after(minutes(30)), "run skips of 2026-11-20 04:00 +01:00\n");
}

TEST_F(Due, RunsOneAtATimeAndStarvesNobody) {
  add("often", "* * * * *");
  add("daily", "0 2 * * *");
  add("weekly", "0 2 * * fri");

  EXPECT_EQ(look_after(hours(1)), "run often of 2026-11-20 02:00 +01:00\n");
  EXPECT_EQ(look_after(minutes(1)), "skip often: 2026-11-20 02:01 +01:00: its last run goes on\n");
  end_run();
  EXPECT_EQ(look_after(minutes(1)), "run daily of 2026-11-20 02:00 +01:00\n");
  end_run();
  EXPECT_EQ(look_after(minutes(1)), "run weekly of 2026-11-20 02:00 +01:00\n");
  end_run();
  EXPECT_EQ(look_after(minutes(1)), "run often of 2026-11-20 02:04 +01:00\n");
}

TEST_F(Due, IsNotSilencedByAClockThatWasAYearAhead) {
  add("daily", "0 2 * * *");
  EXPECT_EQ(look_after(days(400)), "run daily of 2027-12-24 02:00 +01:00\n");
  end_run();

  EXPECT_EQ(look_after(-days(400)), "");
  EXPECT_EQ(look_after(hours(1)), "run daily of 2026-11-20 02:00 +01:00\n");
}

TEST_F(Due, MakesUpOnceWhenAClockThatBeganAtTheEpochIsSet) {
  now_ = sys_seconds(hours(1));
  add("daily", "0 2 * * *");
  add("yearly", "@yearly");
  EXPECT_EQ(look_after(minutes(1)), "");

  EXPECT_EQ(look(sys_days(std::chrono::year(2026) / 11 / 20)),
            "run yearly of 2026-01-01 00:00 +01:00\n");
  end_run();
  EXPECT_EQ(look_after(minutes(1)), "run daily of 2026-11-19 02:00 +01:00\n");
  end_run();
  EXPECT_EQ(look_after(minutes(1)), "");
}

TEST_F(Due, DoesNotRepeatAFixedTimeAfterASmallStepBack) {
  add("daily", "0 2 * * *");
  EXPECT_EQ(look_after(hours(1)), "run daily of 2026-11-20 02:00 +01:00\n");
  end_run();

  EXPECT_EQ(look_after(-hours(1)), "");
  EXPECT_EQ(look_after(hours(1)), "");
  EXPECT_EQ(look_after(days(1)), "run daily of 2026-11-21 02:00 +01:00\n");
}

TEST_F(Due, NothingIsToBeDecidedWithinAQuietSpan) {
  add("daily", "30 2 * * *");
  add("often", "*/20 * * * *");
  schedules_[0].delay = minutes(7);
  schedules_[1].delay = std::chrono::seconds(30);
  for (std::size_t i = 0; i < schedules_.size(); ++i) {
    states_[i].considered = now_ - schedules_[i].delay;
  }
  for (int i = 0; i < 200; ++i) {
    const auto quiet = quiet_after(schedules_, states_, now_);
    ASSERT_EQ(quiet.begin, now_);
    const auto before = states_;
    ASSERT_EQ(look(quiet.end - std::chrono::seconds(1)), "");
    ASSERT_EQ(states_, before);
    ASSERT_NE(look(quiet.end), "");
    end_run();
  }
}

TEST_F(Due, WhatWaitsForItsRunIsLookedAtAgainAtOnce) {
  add("daily", "30 2 * * *");
  states_[0].waiting = now_;
  EXPECT_FALSE(quiet_after(schedules_, states_, now_).contains(now_));
}

TEST(TimeSpan, EndsBeforeItsEndAndBeginsWithItsBegin) {
  const sys_seconds now = sys_days(std::chrono::year(2026) / 11 / 20);
  const TimeSpan span{now, now + hours(1)};
  EXPECT_TRUE(span.contains(now));
  EXPECT_FALSE(span.contains(now + hours(1)));
  EXPECT_FALSE(span.contains(now - std::chrono::seconds(1))) << "the clock was put back";
  EXPECT_FALSE(TimeSpan().contains(sys_seconds()));
}

}  // namespace
}  // namespace controller
