#include "controller/cli/retention_outlook.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

using std::chrono::hours;

constexpr std::chrono::sys_seconds kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 27)};

class RetentionBlockTest : public testing::Test {
 protected:
  void add(const std::string& name, std::chrono::sys_seconds taken_at) {
    RetentionCandidate one;
    one.name = name;
    one.taken_at = taken_at;
    snapshots_.push_back(one);
  }

  /// A good snapshot of each of so many days, the newest of now; the rules keep `kept` of them.
  std::string block(int days, int kept) {
    for (int day = 0; day < days; ++day) {
      add("s" + std::to_string(day), kNow - hours{24 * day});
    }
    RetentionPolicies policies;
    policies.usual.last = kept;
    const auto utc = [](auto time) { return time.time_since_epoch(); };
    moment_.now = kNow;
    moment_.local = [utc](auto time) { return std::chrono::local_seconds(utc(time)); };
    return retention_block(plan_retention(policies, snapshots_, moment_));
  }

  std::vector<RetentionCandidate> snapshots_;
  RetentionMoment moment_;
};

TEST_F(RetentionBlockTest, IsNoneWhereRulesMayDrop) {
  EXPECT_EQ(block(4, 3), "");
}

TEST_F(RetentionBlockTest, IsConsentWhereMoreThanHalfWouldGo) {
  EXPECT_EQ(block(4, 1), "consent");
}

TEST_F(RetentionBlockTest, IsTheRunThatFailed) {
  moment_.failed_run = "create x";

  EXPECT_EQ(block(4, 3), "failed-run");
}

TEST_F(RetentionBlockTest, IsTheClockWhereASnapshotIsFromTheFuture) {
  add("ahead", kNow + hours{48});
  moment_.failed_run = "create x";

  EXPECT_EQ(block(4, 3), "clock");
}

TEST_F(RetentionBlockTest, IsNoneWhereThereIsNothingToDrop) {
  moment_.failed_run = "create x";

  EXPECT_EQ(block(2, 3), "");
}

}  // namespace
}  // namespace controller
