// What must hold of every plan, whatever the snapshots and the policy.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "controller/retention/retention_plan.h"

namespace controller {
namespace {

using std::chrono::hours;
using Names = std::set<std::string>;

constexpr std::chrono::sys_days kStart{std::chrono::year(2026) / 1 / 1};

/// Berlin's summers, which have other offsets than its winters.
std::chrono::local_seconds berlin(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const auto year = std::chrono::year_month_day(day).year();
  const auto begin =
      std::chrono::sys_days(year / std::chrono::March / std::chrono::Sunday[std::chrono::last]);
  const auto end =
      std::chrono::sys_days(year / std::chrono::October / std::chrono::Sunday[std::chrono::last]);
  const bool summer = time >= begin + hours(1) && time < end + hours(1);
  return std::chrono::local_seconds((time + hours(summer ? 2 : 1)).time_since_epoch());
}

class RetentionProperties : public testing::TestWithParam<unsigned> {
 protected:
  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }

  RetentionPolicy policy() {
    RetentionPolicy made{
        below(4),    below(4), below(8), below(5), below(4), below(3), hours(below(2) * below(100)),
        std::nullopt};
    if (below(2) == 0) {
      made.weekly_on = std::chrono::weekday(static_cast<unsigned>(below(7)));
    }
    return made;
  }

  std::vector<RetentionCandidate> snapshots() {
    std::vector<RetentionCandidate> made;
    auto time = std::chrono::sys_seconds(kStart);
    const int count = below(120);
    for (int i = 0; i < count; ++i) {
      time += std::chrono::minutes(1 + below(below(10) == 0 ? 100'000 : 2'000));
      RetentionCandidate one;
      one.name = "s" + std::to_string(i);
      one.taken_at = time;
      const int kind = below(10);
      one.soundness = kind < 6   ? Soundness::Good
                      : kind < 8 ? Soundness::Degraded
                                 : Soundness::Broken;
      one.verified = below(6) == 0;
      one.pinned = below(20) == 0;
      made.push_back(one);
    }
    now_ = time + hours(below(48));
    return made;
  }

  [[nodiscard]] RetentionMoment moment() const { return {now_, berlin, ""}; }

  std::mt19937 random_{GetParam()};
  std::chrono::sys_seconds now_;
};

Names dropped_names(const RetentionPlan& plan) {
  const auto names = dropped(plan);
  return {names.begin(), names.end()};
}

/// The snapshots that the plan leaves.
std::vector<RetentionCandidate> left(std::vector<RetentionCandidate> snapshots,
                                     const RetentionPlan& plan) {
  const auto gone = dropped_names(plan);
  std::erase_if(snapshots, [&](const auto& one) { return gone.contains(one.name); });
  return snapshots;
}

/// The newest good one, with `verified` the newest that is that as well.
std::string newest_good(const std::vector<RetentionCandidate>& snapshots, bool verified) {
  std::string name;
  for (const auto& one : snapshots) {  // oldest first
    if (one.soundness == Soundness::Good && (one.verified || !verified)) {
      name = one.name;
    }
  }
  return name;
}

TEST_P(RetentionProperties, FloorsHold) {
  const auto all = snapshots();

  const auto kept = left(all, plan_retention({policy(), {}}, all, moment()));

  EXPECT_EQ(newest_good(kept, false), newest_good(all, false));
  EXPECT_EQ(newest_good(kept, true), newest_good(all, true));
  EXPECT_EQ(kept.empty(), all.empty());
  EXPECT_EQ(std::ranges::count_if(kept, &RetentionCandidate::pinned),
            std::ranges::count_if(all, &RetentionCandidate::pinned));
}

TEST_P(RetentionProperties, DroppingTwiceIsDroppingOnce) {
  const auto all = snapshots();
  const auto chosen = policy();

  const auto kept = left(all, plan_retention({chosen, {}}, all, moment()));

  EXPECT_TRUE(dropped(plan_retention({chosen, {}}, kept, moment())).empty());
}

TEST_P(RetentionProperties, OneMoreRuleDropsNothingMore) {
  const auto all = snapshots();
  auto fewer = policy();
  fewer.last = 1;  // without any rule nothing is dropped
  auto more = fewer;
  more.monthly += 1 + below(3);
  more.within += hours(24);

  const auto gone = dropped_names(plan_retention({fewer, {}}, all, moment()));
  const auto gone_with_more = dropped_names(plan_retention({more, {}}, all, moment()));

  EXPECT_TRUE(std::ranges::includes(gone, gone_with_more));
}

TEST_P(RetentionProperties, TheirOrderDoesNotMatter) {
  const auto all = snapshots();
  const auto chosen = policy();
  auto shuffled = all;
  std::ranges::shuffle(shuffled, random_);

  EXPECT_EQ(plan_retention({chosen, {}}, shuffled, moment()),
            plan_retention({chosen, {}}, all, moment()));
}

TEST_P(RetentionProperties, WithoutARuleNothingIsDropped) {
  EXPECT_TRUE(dropped(plan_retention({}, snapshots(), moment())).empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, RetentionProperties, testing::Range(0U, 60U));

}  // namespace
}  // namespace controller
