// Undo, and the points that it goes back to.

#include "controller/restore/rollback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>

#include "compose/observe.h"
#include "tests/controller/restore/restored_shop.h"
#include "tests/fakes/faulty_engine.h"

namespace controller {
namespace {

TEST(Undo, GoesBackAndForth) {
  Shop shop;
  shop.capture(shop.engine, "nightly");
  restore_shop(shop, shop.engine);

  const auto undone = undo_shop(shop, shop.engine);

  EXPECT_THAT(shop.report.phases,
              testing::Contains("looking for what was kept beside the live volumes"));
  EXPECT_FALSE(expect_one_state(shop, "undone").restored);
  auto setting = shop.setting(shop.engine);
  EXPECT_FALSE(newest_restore(usable_points(setting, "shop")))
      << "what an undo replaced is gone back to by name only";
  const auto seen = compose::observe(shop.engine);
  undo(setting, plan_undo(seen, stack_of(seen), undone.point.value(), {}), {}, {});
  const auto state = expect_one_state(shop, "redone");
  EXPECT_TRUE(state.restored);
  EXPECT_EQ(state.points, 1U);
}

TEST(Undo, OfTwoRestoresTheLastComesFirst) {
  Shop shop;
  shop.capture(shop.engine, "nightly");
  const auto first = restore_shop(shop, shop.engine);
  restore_shop(shop, shop.engine);

  undo_shop(shop, shop.engine);
  EXPECT_TRUE(expect_one_state(shop, "once").restored);
  undo_shop(shop, shop.engine);

  EXPECT_FALSE(expect_one_state(shop, "twice").restored);
}

TEST(Points, AreDroppedWithWhatTheyKept) {
  Shop shop;
  shop.capture(shop.engine, "nightly");
  restore_shop(shop, shop.engine);
  auto setting = shop.setting(shop.engine);

  drop_point(setting, shop.journal->points().at(0));

  const auto state = expect_one_state(shop, "dropped");
  EXPECT_TRUE(state.restored);
  EXPECT_EQ(state.points, 0U);
}

TEST(Points, ADropThatFailsIsFinishedByTheReplay) {
  int n = 1;
  for (bool reached = true; reached; ++n) {
    Shop shop;
    shop.capture(shop.engine, "nightly");
    restore_shop(shop, shop.engine);
    fakes::FaultyEngine engine(shop.engine);
    engine.fail_from(n);
    auto setting = shop.setting(engine);
    try {
      drop_point(setting, shop.journal->points().at(0));
    } catch (const std::exception&) {
      // Allowed: it has begun, and so it is finished.
    }
    reached = engine.calls() >= n;
    EXPECT_EQ(expect_one_state(shop, "drop, engine away at " + std::to_string(n)).points, 0U);
  }
  EXPECT_GT(n, 5);
}

TEST(Points, ExpireWhenTheirTimeIsOver) {
  RollbackPoint point;
  point.expires_at = "2026-11-20T02:00:00Z";
  const auto at = [](const char* text) {
    std::tm parts{};
    strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return std::chrono::system_clock::from_time_t(timegm(&parts));
  };

  EXPECT_TRUE(expired({point}, at("2026-11-20T01:59:59Z")).empty());
  EXPECT_EQ(expired({point}, at("2026-11-20T02:00:00Z")).size(), 1U);
}

}  // namespace
}  // namespace controller
