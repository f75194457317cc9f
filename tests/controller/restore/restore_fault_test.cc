// P4 on a fake engine: whichever call fails, before or after its effect, the stack is in the new
// state or exactly in the old one, and runs; at the latest after the replay that the next start
// makes.

#include <gtest/gtest.h>

#include <functional>

#include "compose/observe.h"
#include "controller/restore/restore.h"
#include "tests/controller/capture/capture_fixture.h"
#include "tests/fakes/faulty_engine.h"

namespace controller {
namespace {

void restore_shop(Shop& shop, dockerapi::Engine& engine) {
  const auto manifest = shop.store->manifest("nightly");
  const auto seen = compose::observe(engine);
  const auto stack = compose::read_stack(seen, "shop", std::nullopt);
  const auto plan = plan_restore(seen, stack, manifest, {{}, {}, true});
  auto setting = shop.setting(engine);
  restore(setting, manifest, plan, {}, {});
}

void expect_one_state(Shop& shop, bool succeeded, const std::string& where) {
  auto setting = shop.setting(shop.engine);
  const auto report = replay(setting);
  EXPECT_TRUE(report.problems.empty()) << where << ": " << report.problems.front();

  EXPECT_EQ(shop.volumes.any_new(), shop.databases.live_is_new) << where << ": half restored";
  if (succeeded) {
    EXPECT_TRUE(shop.databases.live_is_new) << where;
  }
  EXPECT_FALSE(shop.volumes.any_staged()) << where;
  EXPECT_FALSE(shop.databases.staged) << where;
  EXPECT_FALSE(shop.databases.has_previous) << where;
  EXPECT_TRUE(shop.all_running()) << where;
  EXPECT_TRUE(shop.journal->open_jobs().empty()) << where;
  EXPECT_EQ(shop.store->list().size(), 1U) << where;
}

using Break = std::function<void(fakes::FaultyEngine&, int)>;

/// Restores with a fault at call `n`; returns whether it was reached.
bool run_once(int n, const Break& break_it, const std::string& how) {
  Shop shop;
  shop.capture(shop.engine, "nightly");
  fakes::FaultyEngine engine(shop.engine);
  break_it(engine, n);
  bool succeeded = false;
  try {
    restore_shop(shop, engine);
    succeeded = true;
  } catch (const std::exception&) {
    // Allowed: what counts is the world afterwards.
  }
  expect_one_state(shop, succeeded, how + " at call " + std::to_string(n));
  return engine.calls() >= n;
}

int sweep(const Break& break_it, const std::string& how) {
  int n = 1;
  while (n < 200 && run_once(n, break_it, how)) {
    ++n;
  }
  return n - 1;
}

TEST(Restore, PutsVolumeAndDatabaseInPlace) {
  Shop shop;
  shop.capture(shop.engine, "nightly");

  restore_shop(shop, shop.engine);

  expect_one_state(shop, true, "without a fault");
}

TEST(Restore, StagesEverythingBeforeAnythingStops) {
  Shop shop;
  shop.capture(shop.engine, "nightly");
  std::vector<std::string> seen;
  shop.databases.before = [&](const std::string& call) {
    const bool down = shop.engine.inspect(shop.web).state != dockerapi::ContainerState::Running;
    seen.push_back(call + (down ? " (web down)" : " (web up)"));
  };

  restore_shop(shop, shop.engine);

  EXPECT_EQ(seen, (std::vector<std::string>{"connect db (web up)", "stage app (web up)",
                                            "commit app (web down)", "discard app (web up)"}));
}

TEST(Restore, ARenameThatFailsSwapsTheVolumeBack) {
  Shop shop;
  shop.capture(shop.engine, "nightly");
  shop.databases.before = [](const std::string& call) {
    if (call == "commit app") {
      throw DatabaseError("sessions do not end");
    }
  };

  EXPECT_THROW(restore_shop(shop, shop.engine), DatabaseError);

  shop.databases.before = [](const std::string&) {};
  EXPECT_FALSE(shop.volumes.any_new());
  expect_one_state(shop, false, "after a failed rename");
}

TEST(RestoreFault, EveryCallLostBeforeItsEffect) {
  EXPECT_GE(sweep([](auto& engine, int n) { engine.fail_at(n, fakes::When::Before); }, "lost"), 15);
}

TEST(RestoreFault, EveryAnswerLost) {
  EXPECT_GE(sweep([](auto& engine, int n) { engine.fail_at(n, fakes::When::After); }, "unanswered"),
            15);
}

TEST(RestoreFault, TheEngineGoesAwayAtEveryCall) {
  EXPECT_GE(sweep([](auto& engine, int n) { engine.fail_from(n); }, "engine away"), 15);
}

}  // namespace
}  // namespace controller
