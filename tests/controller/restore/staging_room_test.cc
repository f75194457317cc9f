#include "controller/restore/staging_room.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/archive/artifact.h"

namespace controller {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kGibibyte = std::uint64_t{1} << 30;

PlannedVolumeRestore volume(const std::string& key, std::uint64_t bytes, std::uint64_t entries) {
  PlannedVolumeRestore planned;
  planned.record.key = key;
  planned.record.content_bytes = bytes;
  planned.record.entries = entries;
  planned.target = "shop_" + key;
  planned.reason = "recorded name";
  return planned;
}

RestorePlan plan_of(const std::vector<PlannedVolumeRestore>& volumes) {
  RestorePlan plan;
  plan.project = "shop";
  plan.volumes = volumes;
  return plan;
}

StagingRoom room(const std::string& key, std::uint64_t bytes, std::uint64_t device) {
  return {key, {key, bytes, 1000, device, true, false}};
}

TEST(StagingRoom, IsEnoughWhereEverythingFits) {
  EXPECT_NO_THROW(check_room(plan_of({volume("a", kGibibyte, 10)}), {room("a", 2 * kGibibyte, 1)}));
}

TEST(StagingRoom, IsSharedByVolumesOfOneFileSystem) {
  const auto plan = plan_of({volume("a", kGibibyte, 10), volume("b", kGibibyte, 10)});
  const auto free = kGibibyte * 3 / 2;

  EXPECT_NO_THROW(check_room(plan, {room("a", free, 1), room("b", free, 2)}));
  try {
    check_room(plan, {room("a", free, 1), room("b", free, 1)});
    FAIL() << "it was found enough";
  } catch (const NoSpace& error) {
    EXPECT_THAT(error.what(),
                testing::AllOf(HasSubstr("2064 MiB are needed"), HasSubstr("1536 MiB are free"),
                               HasSubstr("Nothing was touched")));
  }
}

TEST(StagingRoom, CountsInodesToo) {
  EXPECT_THROW(check_room(plan_of({volume("a", 0, 1001)}), {room("a", kGibibyte, 1)}), NoSpace);
}

TEST(StagingRoom, IsNotNeededForWhatWasKept) {
  auto kept = volume("a", kGibibyte, 10);
  kept.origin = {false, "job1"};

  EXPECT_NO_THROW(check_room(plan_of({kept}), {room("a", 0, 1)}));
}

TEST(StagingRoom, OfAForeignVolumeMustBeEmpty) {
  auto foreign = volume("a", 1, 1);
  foreign.ours = false;
  auto empty = room("a", kGibibyte, 1);
  empty.found.occupied = false;

  EXPECT_THROW(check_emptiness(plan_of({foreign}), {room("a", kGibibyte, 1)}), RestoreRefusal);
  EXPECT_NO_THROW(check_emptiness(plan_of({foreign}), {empty}));
  EXPECT_NO_THROW(check_emptiness(plan_of({volume("a", 1, 1)}), {room("a", kGibibyte, 1)}));
}

TEST(StagingRoom, IsShownAgainstWhatIsStaged) {
  EXPECT_EQ(to_text(plan_of({volume("a", kGibibyte, 0)}), {room("a", 2 * kGibibyte, 1)}),
            "  volume a: 1.0 GiB staged, 2.0 GiB free there\n");
  EXPECT_EQ(to_text(plan_of({volume("a", 300, 0)}), {room("a", 5000, 1)}),
            "  volume a: 300 B staged, 4.9 KiB free there\n");
}

}  // namespace
}  // namespace controller
