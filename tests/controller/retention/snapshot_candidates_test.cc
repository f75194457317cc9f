#include "controller/retention/snapshot_candidates.h"

#include <gtest/gtest.h>

#include "controller/clock.h"
#include "tests/controller/snapshot/example_manifest.h"

namespace controller {
namespace {

SnapshotEntry entry(Status status, const CheckStanding& checked) {
  auto manifest = example_manifest();
  manifest.status = status;
  return {manifest.name, summary_of(manifest), "", 0, checked};
}

RetentionCandidate only(const SnapshotEntry& one) {
  return retention_candidates({one}, "shop", {{"used", "a drill"}}).at(0);
}

TEST(SnapshotCandidates, AreGoodOnlyAsSuccessesThatFailedNoCheck) {
  const CheckStanding passed = {CheckLevel::Readable, "2026-11-21T02:00:00Z", "", "", ""};
  const CheckStanding not_up = {CheckLevel::Readable, "", "drill", "2026-11-21T02:00:00Z", ""};
  const CheckStanding changed = {CheckLevel::Stored, "", "verify", "2026-11-21T02:00:00Z", ""};

  EXPECT_EQ(only(entry(Status::Success, {})).soundness, Soundness::Good);
  EXPECT_EQ(only(entry(Status::Success, passed)).soundness, Soundness::Good);
  EXPECT_EQ(only(entry(Status::Degraded, passed)).soundness, Soundness::Degraded);
  EXPECT_EQ(only(entry(Status::Success, not_up)).soundness, Soundness::Degraded);
  EXPECT_EQ(only(entry(Status::Success, changed)).soundness, Soundness::Broken);
  EXPECT_EQ(only(entry(Status::Failed, {})).soundness, Soundness::Broken);
  EXPECT_FALSE(only(entry(Status::Success, {})).verified);
  EXPECT_TRUE(only(entry(Status::Success, passed)).verified);
}

TEST(SnapshotCandidates, AreAsOldAsTheirDataButBrokenSinceItWasSeen) {
  const CheckStanding changed = {CheckLevel::Stored, "", "verify", "2026-11-25T02:00:00Z", ""};
  SnapshotEntry corrupt{"c", std::nullopt, "it has no manifest.json", 0};
  corrupt.changed_at = "2026-11-22T02:00:00Z";

  EXPECT_EQ(only(entry(Status::Success, {})).taken_at, time_from_rfc3339("2026-11-20T02:00:00Z"));
  EXPECT_EQ(only(entry(Status::Success, changed)).taken_at,
            time_from_rfc3339("2026-11-25T02:00:00Z"));
  EXPECT_EQ(only(corrupt).taken_at, time_from_rfc3339("2026-11-22T02:00:00Z"));
  EXPECT_EQ(only(corrupt).soundness, Soundness::Broken);
}

TEST(SnapshotCandidates, AreThoseOfTheProject) {
  EXPECT_TRUE(retention_candidates({entry(Status::Success, {})}, "blog", {}).empty());
}

TEST(SnapshotCandidates, AreOfTheScheduleTheyAreNamedAfter) {
  const auto schedule_of_one = [](const std::string& name) {
    auto one = entry(Status::Success, {});
    one.name = name;
    return only(one).schedule;
  };

  EXPECT_EQ(schedule_of_one("every-night-20261120T020000Z"), "every-night");
  EXPECT_EQ(schedule_of_one("20261120T020000Z"), "");
  EXPECT_EQ(schedule_of_one("-20261120T020000Z"), "");
  EXPECT_EQ(schedule_of_one("daily-20261120T0200Z"), "");
}

TEST(SnapshotCandidates, SayWhatKeepsThem) {
  auto pinned = entry(Status::Success, {});
  pinned.pinned = true;
  auto used = entry(Status::Success, {});
  used.name = "used";
  auto timeless = entry(Status::Success, {});
  timeless.summary->created_at = "yesterday";

  EXPECT_TRUE(only(pinned).pinned);
  EXPECT_EQ(only(used).in_use, "a drill");
  EXPECT_EQ(only(timeless).in_use, "nobody can tell when it was made");
}

}  // namespace
}  // namespace controller
