#include "controller/schedule/cron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace controller {
namespace {

using testing::HasSubstr;

std::string problem(const std::string& text) {
  try {
    parse_cron(text);
  } catch (const CronError& error) {
    return error.what();
  }
  return "none";
}

TEST(Cron, KnowsNamesRangesListsAndSteps) {
  const auto cron = parse_cron(" 1,5-9/2  */6 1 JAN,mar-apr fri-sun ");

  EXPECT_EQ(cron.minutes.to_ullong(), 1ULL << 1 | 1ULL << 5 | 1ULL << 7 | 1ULL << 9);
  EXPECT_EQ(cron.hours.to_ulong(), 1UL | 1UL << 6 | 1UL << 12 | 1UL << 18);
  EXPECT_EQ(cron.months.to_ulong(), 1UL << 1 | 1UL << 3 | 1UL << 4);
  EXPECT_EQ(cron.weekdays.to_ulong(), 1UL | 1UL << 5 | 1UL << 6);
  EXPECT_EQ(cron.text, "1,5-9/2  */6 1 JAN,mar-apr fri-sun");
}

TEST(Cron, KnowsTheWordsWithAt) {
  EXPECT_EQ(parse_cron("@daily").hours.to_ulong(), 1UL);
  EXPECT_EQ(parse_cron("@weekly").weekdays.to_ulong(), 1UL);
  EXPECT_EQ(parse_cron("@hourly").hours.count(), 24U);
  EXPECT_THAT(problem("@reboot"), HasSubstr("there are @hourly, @daily"));
}

TEST(Cron, SaysWhatIsWrong) {
  EXPECT_THAT(problem("0 2 * *"), HasSubstr("and has 4"));
  EXPECT_THAT(problem("60 2 * * *"), HasSubstr("the minute is \"60\"; it takes *, numbers from 0"));
  EXPECT_THAT(problem("0 2 * * fry"), HasSubstr("names such as sun"));
  EXPECT_THAT(problem("0 5-2 * * *"), HasSubstr("ends before it begins"));
  EXPECT_THAT(problem("*/0 * * * *"), HasSubstr("the step must be"));
  EXPECT_THAT(problem("5/10 * * * *"), HasSubstr("a step needs a range: 5-59/10"));
  EXPECT_THAT(problem("0,, 2 * * *"), HasSubstr("the minute is \"0,,\""));
}

TEST(Cron, RefusesWhatNeverFires) {
  EXPECT_THAT(problem("0 0 30 2 *"), HasSubstr("it never fires"));
  EXPECT_THAT(problem("0 0 31 4,6,9,11 *"), HasSubstr("it never fires"));
  EXPECT_EQ(problem("0 0 29 2 *"), "none");
  EXPECT_EQ(problem("0 0 30 2 mon"), "none");  // either day suffices
}

}  // namespace
}  // namespace controller
