#include "controller/calendar/daylight_rule.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using namespace std::chrono_literals;

struct Stretch {
  sys_seconds begin;
  sys_seconds end;
  seconds offset;
};

/// That the rule has exactly this stretch, seen from both of its ends.
void expect(const char* text, const Stretch& wanted) {
  const auto rule = parse_daylight_rule(text).value();
  for (const auto time : {wanted.begin, wanted.end - seconds(1)}) {
    const auto period = period_at(rule, time);
    EXPECT_EQ(period.begin, wanted.begin) << text;
    EXPECT_EQ(period.end, wanted.end) << text;
    EXPECT_EQ(period.offset, wanted.offset) << text;
  }
}

TEST(DaylightRuleTest, KnowsWeekdaysOfMonths) {
  const char* berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
  expect(berlin, {sys_days(2040y / 3 / 25) + 1h, sys_days(2040y / 10 / 28) + 1h, 2h});
  expect(berlin, {sys_days(2040y / 10 / 28) + 1h, sys_days(2041y / 3 / 31) + 1h, 1h});
  const char* new_york = "EST5EDT,M3.2.0,M11.1.0";
  expect(new_york, {sys_days(2040y / 3 / 11) + 7h, sys_days(2040y / 11 / 4) + 6h, -4h});
}

TEST(DaylightRuleTest, KnowsTheSouthHalfHoursAndDublin) {
  const char* lord_howe = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0";
  expect(lord_howe,
         {sys_days(2040y / 4 / 1) - 9h, sys_days(2040y / 10 / 6) + 15h + 30min, 10h + 30min});
  // Its standard time is that of the summer.
  const char* dublin = "IST-1GMT0,M10.5.0,M3.5.0/1";
  expect(dublin, {sys_days(2040y / 10 / 28) + 1h, sys_days(2041y / 3 / 31) + 1h, 0h});
}

TEST(DaylightRuleTest, KnowsTimesBeyondTheDay) {
  // Saturday at -1 o'clock is Friday at 23; Thursday at 50 o'clock is Saturday at 2.
  expect("<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
         {sys_days(2040y / 3 / 25) + 1h, sys_days(2040y / 10 / 28) + 1h, -1h});
  expect("EET-2EEST,M3.4.4/50,M10.4.4/50",
         {sys_days(2040y / 3 / 24), sys_days(2040y / 10 / 26) + 23h, 3h});
}

TEST(DaylightRuleTest, KnowsDaysOfTheYear) {
  // J60 is the 1st of March in every year, 59 the 29th of February in a leap year.
  expect("A0B,J60/0,J365/0", {sys_days(2040y / 3 / 1), sys_days(2040y / 12 / 31) - 1h, 1h});
  expect("A0B,J60/0,J365/0", {sys_days(2041y / 3 / 1), sys_days(2041y / 12 / 31) - 1h, 1h});
  expect("A0B,59/0,J365/0", {sys_days(2040y / 2 / 29), sys_days(2040y / 12 / 31) - 1h, 1h});
}

TEST(DaylightRuleTest, MayBeDaylightAllYear) {
  const auto rule = parse_daylight_rule("EST5EDT,0/0,J365/25").value();

  for (auto time = sys_seconds(sys_days(2039y / 12 / 30)); time < sys_days(2041y / 1 / 3);
       time += 1h) {
    ASSERT_EQ(period_at(rule, time).offset, -4h);
  }
}

TEST(DaylightRuleTest, IsAbsentWhereClocksChangeNoMore) {
  EXPECT_EQ(parse_daylight_rule("UTC0").has_value(), false);
  EXPECT_EQ(parse_daylight_rule("<+0545>-5:45").has_value(), false);
}

TEST(DaylightRuleTest, SaysWhereATextIsNone) {
  for (const auto* text : {"", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
                           "CET-1CEST,M3.5.0,M10.5.0/3,", "<CET-1", "CET-1CEST,M3-5,M10.5.0",
                           "CET-200", "CET-1CEST,J366,J1"}) {
    EXPECT_THROW(parse_daylight_rule(text), DaylightRuleError) << text;
  }
  try {
    parse_daylight_rule("CET-1CEST,M3.6.0,M10.5.0");
  } catch (const DaylightRuleError& error) {
    EXPECT_STREQ(error.what(),
                 "\"CET-1CEST,M3.6.0,M10.5.0\" is no rule for a zone's clocks: a number from 1 to "
                 "5 should come after \"CET-1CEST,M3.\"");
  }
}

}  // namespace
}  // namespace controller
