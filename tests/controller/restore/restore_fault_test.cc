// P4 on a fake engine: whichever call fails, before or after its effect, the stack is in the new
// state or exactly in the old one, and runs; at the latest after the replay that the next start
// makes.

#include <gtest/gtest.h>

#include <functional>
#include <stop_token>
#include <utility>

#include "tests/controller/restore/restored_shop.h"
#include "tests/fakes/faulty_engine.h"

namespace controller {
namespace {

using Break = std::function<void(fakes::FaultyEngine&, int)>;

using Action = std::function<void(Shop&, dockerapi::Engine&)>;

/// Does it with a fault at call `n`; returns whether that was reached.  `before` is what is live if
/// it does not happen; what happened must have, if it said so.
bool run_once(int n, const Break& break_it, const std::string& how, const Action& prepare,
              const Action& action) {
  Shop shop;
  shop.capture(shop.engine, "nightly");
  prepare(shop, shop.engine);
  const bool before = shop.volumes.is_new();
  fakes::FaultyEngine engine(shop.engine);
  break_it(engine, n);
  bool succeeded = false;
  try {
    action(shop, engine);
    succeeded = true;
  } catch (const std::exception&) {
    // Allowed: what counts is the world afterwards.
  }
  const std::string where = how + " at call " + std::to_string(n);
  const auto state = expect_one_state(shop, where);
  if (succeeded) {
    EXPECT_NE(state.restored, before) << where;
  }
  return engine.calls() >= n;
}

int sweep(const Break& break_it, const std::string& how, const Action& prepare,
          const Action& action) {
  int n = 1;
  while (n < 300 && run_once(n, break_it, how, prepare, action)) {
    ++n;
  }
  return n - 1;
}

int sweep_restore(const Break& break_it, const std::string& how) {
  return sweep(
      break_it, how, [](Shop&, dockerapi::Engine&) {},
      [](Shop& shop, dockerapi::Engine& engine) { restore_shop(shop, engine); });
}

int sweep_undo(const Break& break_it, const std::string& how) {
  return sweep(
      break_it, how, [](Shop& shop, dockerapi::Engine& engine) { restore_shop(shop, engine); },
      [](Shop& shop, dockerapi::Engine& engine) { undo_shop(shop, engine); });
}

TEST(RestoreFault, EveryCallLostBeforeItsEffect) {
  EXPECT_GE(
      sweep_restore([](auto& engine, int n) { engine.fail_at(n, fakes::When::Before); }, "lost"),
      15);
}

TEST(RestoreFault, EveryAnswerLost) {
  EXPECT_GE(sweep_restore([](auto& engine, int n) { engine.fail_at(n, fakes::When::After); },
                          "unanswered"),
            15);
}

TEST(RestoreFault, TheEngineGoesAwayAtEveryCall) {
  EXPECT_GE(sweep_restore([](auto& engine, int n) { engine.fail_from(n); }, "engine away"), 15);
}

using Stoppable = std::function<void(Shop&, dockerapi::Engine&, std::stop_token)>;

/// Somebody gives it up at call `n`: it ends well by itself, before any replay, in the old state;
/// or it had gone too far for that and says that it succeeded.
bool cancel_once(int n, const std::string& how, const Action& prepare, const Stoppable& action) {
  Shop shop;
  shop.capture(shop.engine, "nightly");
  prepare(shop, shop.engine);
  const bool before = shop.volumes.is_new();
  std::stop_source source;
  fakes::FaultyEngine engine(shop.engine);
  engine.happen_at(n, [&source] { source.request_stop(); });
  bool succeeded = false;
  try {
    action(shop, engine, source.get_token());
    succeeded = true;
  } catch (const dockerapi::Cancelled&) {
  } catch (const Interrupted&) {
  } catch (const RolledBack&) {
  }
  const std::string where = how + " given up at call " + std::to_string(n);
  EXPECT_TRUE(shop.all_running()) << where;
  EXPECT_TRUE(shop.agents_left().empty()) << where;
  EXPECT_EQ(shop.volumes.is_new(), before != succeeded) << where;
  EXPECT_EQ(expect_one_state(shop, where).restored, before != succeeded) << where;
  return engine.calls() >= n;
}

int sweep_cancel(const std::string& how, const Action& prepare, const Stoppable& action) {
  int n = 1;
  while (n < 300 && cancel_once(n, how, prepare, action)) {
    ++n;
  }
  return n - 1;
}

TEST(RestoreFault, GivenUpAtEveryCall) {
  EXPECT_GE(sweep_cancel(
                "restore", [](Shop&, dockerapi::Engine&) {},
                [](Shop& shop, dockerapi::Engine& engine, std::stop_token stop) {
                  restore_shop(shop, engine, {}, std::move(stop));
                }),
            15);
}

TEST(UndoFault, GivenUpAtEveryCall) {
  EXPECT_GE(sweep_cancel(
                "undo", [](Shop& shop, dockerapi::Engine& engine) { restore_shop(shop, engine); },
                [](Shop& shop, dockerapi::Engine& engine, std::stop_token stop) {
                  undo_shop(shop, engine, std::move(stop));
                }),
            15);
}

TEST(UndoFault, EveryCallLostBeforeItsEffect) {
  EXPECT_GE(sweep_undo([](auto& engine, int n) { engine.fail_at(n, fakes::When::Before); }, "lost"),
            15);
}

TEST(UndoFault, EveryAnswerLost) {
  EXPECT_GE(
      sweep_undo([](auto& engine, int n) { engine.fail_at(n, fakes::When::After); }, "unanswered"),
      15);
}

TEST(UndoFault, TheEngineGoesAwayAtEveryCall) {
  EXPECT_GE(sweep_undo([](auto& engine, int n) { engine.fail_from(n); }, "engine away"), 15);
}

}  // namespace
}  // namespace controller
