#include "controller/calendar/time_zone.h"

#include <gtest/gtest.h>
#include <time.h>

#include <cstdlib>

namespace controller {
namespace {

using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using namespace std::chrono_literals;

/// What the C library, which reads the same files by itself, says of the zone in TZ.
seconds offset_at(sys_seconds time) {
  const time_t number = time.time_since_epoch().count();
  tm local{};
  localtime_r(&number, &local);
  return seconds(local.tm_gmtoff);
}

class TimeZones : public testing::TestWithParam<const char*> {};

// The changes that files list end with 2037.
TEST_P(TimeZones, AreThoseOfTheCLibraryAlsoBeyondWhatTheirFilesList) {
  setenv("TZ", GetParam(), 1);
  tzset();
  const TimeZone zone(GetParam());

  for (sys_seconds time = sys_days(2034y / 1 / 1); time < sys_days(2043y / 1 / 1); time += 1h) {
    ASSERT_EQ(zone.period_at(time).offset, offset_at(time)) << civil_text(zone, time);
  }
}

TEST_P(TimeZones, FollowOneAnotherWithoutGaps) {
  const TimeZone zone(GetParam());

  auto period = zone.period_at(sys_days(2030y / 1 / 1));
  while (period.end < sys_days(2045y / 1 / 1)) {
    const auto next = zone.period_at(period.end);
    ASSERT_EQ(next.begin, period.end);
    ASSERT_LT(next.begin, next.end);
    period = next;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, TimeZones,
                         testing::Values("Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                                         "Asia/Kathmandu", "UTC", "Europe/Dublin", "America/Nuuk",
                                         "Asia/Gaza", "Africa/Casablanca", "America/Santiago",
                                         "Antarctica/Troll", "EST5EDT"));

TEST(TimeZoneNames, AreRefusedByNameIfTheSystemHasNone) {
  EXPECT_THROW(TimeZone("Europe/Atlantis"), UnknownTimeZone);
  EXPECT_THROW(TimeZone("zone.tab"), UnknownTimeZone);
  EXPECT_THROW(TimeZone("../../../etc/passwd"), UnknownTimeZone);
  EXPECT_THROW(TimeZone(""), UnknownTimeZone);
}

}  // namespace
}  // namespace controller
