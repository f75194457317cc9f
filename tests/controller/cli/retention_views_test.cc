#include "controller/cli/retention_views.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace controller {
namespace {

using nlohmann::json;

constexpr std::chrono::sys_seconds kTime{std::chrono::sys_days(std::chrono::year(2026) / 11 / 27)};

RetentionPlan example() {
  return {{{"new", kTime, true, {"daily", "newest good"}},
           {"old", kTime - std::chrono::hours(24), false, {"no rule keeps it"}}},
          "the clock is wrong",
          "too many would go"};
}

TEST(RetentionViews, ShowWhatKeepsEachSnapshotAndWhatStandsInTheWay) {
  EXPECT_EQ(retention_text(example()),
            "NAME  CREATED                     WHY\n"
            "new   2026-11-27T00:00:00Z  keep  daily, newest good\n"
            "old   2026-11-26T00:00:00Z  DROP  no rule keeps it\n"
            "! the clock is wrong\n"
            "! too many would go; this needs --confirm\n");
  EXPECT_EQ(retention_text({}), "no snapshots\n");
}

TEST(RetentionViews, ShowTheSameAsJson) {
  const auto shown = json::parse(retention_json(example(), {{"old"}, {"lost"}, {{"a", kTime}}}));

  EXPECT_EQ(shown, json::parse(R"({"snapshots": [
      {"name": "new", "created_at": "2026-11-27T00:00:00Z", "kept": true,
       "reasons": ["daily", "newest good"]},
      {"name": "old", "created_at": "2026-11-26T00:00:00Z", "kept": false,
       "reasons": ["no rule keeps it"]}],
      "obstacle": "the clock is wrong", "needs_consent": "too many would go",
      "dropped": ["old"], "gone": ["lost"],
      "removed": [{"name": "a", "discarded_at": "2026-11-27T00:00:00Z"}]})"));
  EXPECT_EQ(json::parse(retention_json({}, {}))["obstacle"], nullptr);
}

TEST(RetentionViews, SayWhatWasDone) {
  EXPECT_EQ(outcome_text({{"old"}, {"lost"}, {{"a", kTime}}}, std::chrono::hours(72)),
            "dropped old\n"
            "was gone already: lost\n"
            "removed for good a, which was dropped at 2026-11-27T00:00:00Z\n"
            "what was dropped is removed for good after 72 h 00 min\n");
  EXPECT_EQ(outcome_text({}, std::chrono::hours(72)), "nothing to drop\n");
}

}  // namespace
}  // namespace controller
