#include "controller/clock.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

constexpr std::chrono::sys_seconds kLeapDay{
    std::chrono::sys_days(std::chrono::year(2028) / 2 / 29) + std::chrono::hours(23) +
    std::chrono::minutes(4) + std::chrono::seconds(5)};

TEST(Clock, ReadsTheTimesThatItWrites) {
  EXPECT_EQ(time_from_rfc3339("2028-02-29T23:04:05Z"), kLeapDay);
  EXPECT_EQ(time_from_rfc3339(rfc3339(kLeapDay)), kLeapDay);
  EXPECT_EQ(time_from_digits("20280229T230405Z"), kLeapDay);
}

TEST(Clock, ReadsNothingElse) {
  for (const auto* text : {"", "2027-02-29T00:00:00Z", "2026-11-20T24:00:00Z",
                           "2026-11-20T00:60:00Z", "2026-11-20T00:00:60Z", "2026-13-20T00:00:00Z",
                           "2026-11-20T00:00:00", "2026-11-20 00:00:00Z", "2026-11-20T00:00:00+",
                           "+026-11-20T00:00:00Z", "2026-11-20T00:00:00ZZ"}) {
    EXPECT_FALSE(time_from_rfc3339(text)) << text;
  }
  for (const auto* text :
       {"", "20261120T02000Z", "20261120X020000Z", "20261120T020000z", "2026112 T020000Z"}) {
    EXPECT_FALSE(time_from_digits(text)) << text;
  }
}

}  // namespace
}  // namespace controller
