#include "controller/schedule/fire_times.h"

#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <vector>

namespace controller {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

/// What an expression means, said once more without our parser.
struct Meaning {
  const char* cron;
  bool repeating;
  std::function<bool(const tm&)> holds;
};

const std::vector<Meaning>& meanings() {
  static const std::vector<Meaning> kMeanings = {
      {"30 2 * * *", false, [](const tm& t) { return t.tm_hour == 2 && t.tm_min == 30; }},
      {"45 1 * * *", false, [](const tm& t) { return t.tm_hour == 1 && t.tm_min == 45; }},
      {"0,20 2 * * sun", false,
       [](const tm& t) {
         return t.tm_wday == 0 && t.tm_hour == 2 && t.tm_min % 20 == 0 && t.tm_min < 40;
       }},
      {"15 2 1,29 * fri", false,
       [](const tm& t) {
         return (t.tm_mday == 1 || t.tm_mday == 29 || t.tm_wday == 5) && t.tm_hour == 2 &&
                t.tm_min == 15;
       }},
      {"30 * * * *", true, [](const tm& t) { return t.tm_min == 30; }},
      {"*/45 1-3 * 3,4,10,11 *", true, [](const tm& t) {
         return t.tm_min % 45 == 0 && t.tm_hour >= 1 && t.tm_hour <= 3 &&
                (t.tm_mon == 2 || t.tm_mon == 3 || t.tm_mon == 9 || t.tm_mon == 10);
       }}};
  return kMeanings;
}

// Fields of a civil minute, counted as if it were UTC.
tm fields_of(std::int64_t civil_minute) {
  const time_t time = civil_minute * 60;
  tm fields{};
  gmtime_r(&time, &fields);
  return fields;
}

constexpr sys_days kBegin = std::chrono::year(2023) / 12 / 31;
constexpr sys_days kEnd = std::chrono::year(2029) / 1 / 1;

/// Walks every minute with the C library's clocks.
std::vector<sys_seconds> walk(const Meaning& meaning) {
  std::vector<sys_seconds> fires;
  std::int64_t shown = 0;  // the latest civil minute the clocks have shown
  for (sys_seconds now = kBegin; now < kEnd; now += minutes(1)) {
    const time_t time = now.time_since_epoch().count();
    tm local{};
    localtime_r(&time, &local);
    const std::int64_t civil = (time + local.tm_gmtoff) / 60;
    bool fire = meaning.holds(local) && (meaning.repeating || civil > shown);
    for (auto skipped = shown + 1; !meaning.repeating && shown != 0 && skipped < civil; ++skipped) {
      fire = fire || meaning.holds(fields_of(skipped));
    }
    shown = std::max(shown, civil);
    if (fire && now > sys_seconds(kBegin)) {
      fires.push_back(now);
    }
  }
  return fires;
}

std::vector<sys_seconds> computed(const Meaning& meaning, const TimeZone& zone) {
  const auto cron = parse_cron(meaning.cron);
  std::vector<sys_seconds> fires;
  for (auto next = next_fire(cron, zone, kBegin); next && *next < kEnd;
       next = next_fire(cron, zone, *next)) {
    fires.push_back(*next);
  }
  return fires;
}

class FireTimes : public testing::TestWithParam<const char*> {};

TEST_P(FireTimes, AreThoseOfAWalkThroughFiveYearsOfMinutes) {
  setenv("TZ", GetParam(), 1);
  tzset();
  const TimeZone zone(GetParam());

  for (const auto& meaning : meanings()) {
    EXPECT_EQ(computed(meaning, zone), walk(meaning)) << meaning.cron;
  }
}

INSTANTIATE_TEST_SUITE_P(Zones, FireTimes,
                         testing::Values("Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                                         "Asia/Kathmandu", "UTC"));

std::string next_five(const std::string& cron, const char* zone_name, sys_seconds after) {
  const TimeZone zone(zone_name);
  std::string text;
  for (int count = 0; count < 5; ++count) {
    after = next_fire(parse_cron(cron), zone, after).value();
    text += civil_text(zone, after) + "\n";
  }
  return text;
}

TEST(NextFire, ComesOnceADayWhenTheClocksChange) {
  EXPECT_EQ(next_five("30 2 * * *", "Europe/Berlin", sys_days(std::chrono::year(2026) / 3 / 28)),
            "2026-03-28 02:30 +01:00\n2026-03-29 03:00 +02:00\n2026-03-30 02:30 +02:00\n"
            "2026-03-31 02:30 +02:00\n2026-04-01 02:30 +02:00\n");
  EXPECT_EQ(next_five("30 2 * * *", "Europe/Berlin", sys_days(std::chrono::year(2026) / 10 / 24)),
            "2026-10-24 02:30 +02:00\n2026-10-25 02:30 +02:00\n2026-10-26 02:30 +01:00\n"
            "2026-10-27 02:30 +01:00\n2026-10-28 02:30 +01:00\n");
}

// The file of the zone lists no change after 2037.
TEST(NextFire, ComesOnceADayWhenTheClocksChangeIn2040) {
  EXPECT_EQ(next_five("30 2 * * *", "Europe/Berlin", sys_days(std::chrono::year(2040) / 3 / 24)),
            "2040-03-24 02:30 +01:00\n2040-03-25 03:00 +02:00\n2040-03-26 02:30 +02:00\n"
            "2040-03-27 02:30 +02:00\n2040-03-28 02:30 +02:00\n");
  EXPECT_EQ(next_five("30 2 * * *", "Europe/Berlin", sys_days(std::chrono::year(2040) / 10 / 27)),
            "2040-10-27 02:30 +02:00\n2040-10-28 02:30 +02:00\n2040-10-29 02:30 +01:00\n"
            "2040-10-30 02:30 +01:00\n2040-10-31 02:30 +01:00\n");
}

TEST(NextFire, FindsLeapDays) {
  EXPECT_EQ(next_five("0 0 29 2 *", "UTC", sys_days(std::chrono::year(2026) / 1 / 1)),
            "2028-02-29 00:00 +00:00\n2032-02-29 00:00 +00:00\n2036-02-29 00:00 +00:00\n"
            "2040-02-29 00:00 +00:00\n2044-02-29 00:00 +00:00\n");
}

TEST(LastFire, LooksBackNoFurtherThanItIsAsked) {
  const TimeZone zone("UTC");
  const auto cron = parse_cron("0 0 1 1 *");
  const sys_seconds new_year = sys_days(std::chrono::year(2026) / 1 / 1);

  EXPECT_EQ(last_fire(cron, zone, sys_seconds(), new_year + std::chrono::days(300)), new_year);
  EXPECT_EQ(last_fire(cron, zone, new_year - seconds(1), new_year), new_year);
  EXPECT_EQ(last_fire(cron, zone, new_year, new_year + std::chrono::days(300)), std::nullopt);
}

}  // namespace
}  // namespace controller
