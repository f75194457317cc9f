#include "controller/retention/prune.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controller/snapshot/written_snapshot.h"
#include "tests/fakes/faulty_store.h"
#include "tests/fakes/memory_store.h"

namespace controller {
namespace {

using fakes::FaultyStore;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::chrono::sys_seconds kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 27)};
constexpr std::chrono::hours kGrace{72};

/// Drops "a" and "b", keeps "c".
RetentionPlan plan() {
  return {{{"c", kNow, true, {}}, {"b", kNow, false, {}}, {"a", kNow, false, {}}}, "", ""};
}

TEST(Prune, PutsWhatThePlanDropsOutOfSight) {
  fakes::MemoryStore store;
  for (const std::string name : {"a", "b", "c"}) {
    write_snapshot(store, name);
  }

  const auto outcome = prune(store, plan(), kNow, kGrace);

  EXPECT_THAT(outcome.dropped, ElementsAre("a", "b"));
  EXPECT_THAT(outcome.removed, IsEmpty());
  EXPECT_THAT(listed(store), ElementsAre("c"));
  EXPECT_EQ(store.discarded().size(), 2U);
}

TEST(Prune, RemovesForGoodWhatIsPastItsGrace) {
  fakes::MemoryStore store;
  for (const std::string name : {"old", "older"}) {
    write_snapshot(store, name);
  }
  store.discard("older", kNow - kGrace);
  store.discard("old", kNow - kGrace + std::chrono::seconds(1));

  const auto outcome = prune(store, {}, kNow, kGrace);

  EXPECT_THAT(outcome.removed, ElementsAre(DiscardedSnapshot{"older", kNow - kGrace}));
  EXPECT_EQ(store.discarded().size(), 1U);
}

TEST(Prune, NoticesWhatWasRemovedByHand) {
  fakes::MemoryStore store;
  write_snapshot(store, "b");

  const auto outcome = prune(store, plan(), kNow, kGrace);

  EXPECT_THAT(outcome.gone, ElementsAre("a"));
  EXPECT_THAT(outcome.dropped, ElementsAre("b"));
}

TEST(Prune, KeepsWhatWasPinnedSinceThePlanWasMade) {
  fakes::MemoryStore store;
  for (const std::string name : {"a", "b", "c"}) {
    write_snapshot(store, name);
  }
  store.pin("a");

  const auto outcome = prune(store, plan(), kNow, kGrace);

  EXPECT_THAT(outcome.dropped, ElementsAre("b"));
  EXPECT_THAT(listed(store), ElementsAre("a", "c"));
}

// Whatever call fails, nothing is lost that the plan keeps or whose grace has just begun.
TEST(Prune, LosesNothingWhenACallFails) {
  for (const auto when : {FaultyStore::When::Before, FaultyStore::When::After}) {
    for (int n = 1; n <= 5; ++n) {
      fakes::MemoryStore behind;
      for (const std::string name : {"a", "b", "c"}) {
        write_snapshot(behind, name);
      }
      FaultyStore store(behind);
      store.fail_at(n, when);

      EXPECT_THROW(prune(store, plan(), kNow, kGrace), fakes::StoreFault) << n;

      EXPECT_THAT(listed(behind), Contains("c"));
      EXPECT_EQ(listed(behind).size() + behind.discarded().size(), 3U);
      store.heal();
      prune(store, plan(), kNow, kGrace);
      EXPECT_THAT(listed(behind), ElementsAre("c"));
    }
  }
}

}  // namespace
}  // namespace controller
