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
  EXPECT_EQ(retention_text(RetentionPlan{}), "no snapshots\n");
}

TEST(RetentionViews, ShowTheSameAsJson) {
  const auto shown =
      json::parse(retention_json(example(), {{"old"}, {"lost"}, {{"a", kTime}}}, {}));

  EXPECT_EQ(shown, json::parse(R"({"snapshots": [
      {"name": "new", "created_at": "2026-11-27T00:00:00Z", "kept": true,
       "reasons": ["daily", "newest good"]},
      {"name": "old", "created_at": "2026-11-26T00:00:00Z", "kept": false,
       "reasons": ["no rule keeps it"]}],
      "obstacle": "the clock is wrong", "needs_consent": "too many would go",
      "dropped": ["old"], "gone": ["lost"],
      "removed": [{"name": "a", "discarded_at": "2026-11-27T00:00:00Z"}],
      "destinations": []})"));
  EXPECT_EQ(json::parse(retention_json({}, {}, {}))["obstacle"], nullptr);
}

std::vector<PrunedCopies> destinations() {
  return {{"far",
           {{{"old/0123456789abcdef", kTime, false, {"no rule keeps it"}}}, "", ""},
           {{"old/0123456789abcdef"}, {{"held/0123456789abcdef", "the key may not do this"}}}},
          {"away", {}, {}, "", "nobody answers"}};
}

TEST(RetentionViews, ShowEveryDestination) {
  EXPECT_EQ(retention_text(destinations()),
            "\n"
            "at far:\n"
            "NAME                  CREATED                     WHY\n"
            "old/0123456789abcdef  2026-11-27T00:00:00Z  DROP  no rule keeps it\n"
            "\n"
            "at away:\n"
            "! nobody answers\n");
  EXPECT_EQ(outcome_text(destinations()), "removed from far old/0123456789abcdef\n");
  EXPECT_EQ(json::parse(retention_json({}, {}, destinations()))["destinations"], json::parse(R"([
      {"destination": "far", "obstacle": null, "needs_consent": null, "problem": null,
       "snapshots": [{"name": "old/0123456789abcdef", "created_at": "2026-11-27T00:00:00Z",
                      "kept": false, "reasons": ["no rule keeps it"]}],
       "removed": ["old/0123456789abcdef"],
       "withheld": [{"name": "held/0123456789abcdef", "message": "the key may not do this"}]},
      {"destination": "away", "obstacle": null, "needs_consent": null, "problem": "nobody answers",
       "snapshots": [], "removed": [], "withheld": []}])"));
}

TEST(RetentionViews, SayWhatWasDone) {
  EXPECT_EQ(outcome_text({{"old"}, {"lost"}, {{"a", kTime}}}, std::chrono::hours(72)),
            "dropped old\n"
            "was gone already: lost\n"
            "removed for good a, which was dropped at 2026-11-27T00:00:00Z\n"
            "what was dropped is removed for good after 72 h 00 min\n");
  EXPECT_EQ(outcome_text(PruneOutcome{}, std::chrono::hours(72)), "nothing to drop\n");
}

}  // namespace
}  // namespace controller
