// P4 on a fake engine: whichever call fails, before or after its effect, the stack is in the new
// state or exactly in the old one, and runs; at the latest after the replay that the next start
// makes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <functional>
#include <stop_token>
#include <utility>

#include "compose/observe.h"
#include "controller/archive/artifact.h"
#include "controller/archive/volume_archive.h"
#include "controller/restore/restore.h"
#include "controller/restore/rollback.h"
#include "controller/restore/table_restore.h"
#include "tests/controller/capture/capture_fixture.h"
#include "tests/controller/hooks/fake_shell.h"
#include "tests/fakes/faulty_engine.h"

namespace controller {
namespace {

compose::Stack stack_of(const compose::Observation& seen) {
  return compose::read_stack(seen, "shop", std::nullopt);
}

RestoreResult restore_shop(Shop& shop, dockerapi::Engine& engine,
                           const RestoreOptions& options = {}, std::stop_token stop = {}) {
  const auto manifest = shop.store->manifest("nightly");
  const auto seen = compose::observe(engine);
  const auto plan = plan_restore(seen, stack_of(seen), manifest, {{}, {}, true}, {});
  auto setting = shop.setting(engine);
  return restore(setting, manifest, plan, options, std::move(stop));
}

RestoreResult undo_shop(Shop& shop, dockerapi::Engine& engine, std::stop_token stop = {}) {
  auto setting = shop.setting(engine);
  const auto point = newest_restore(usable_points(setting, "shop")).value();
  const auto seen = compose::observe(engine);
  return undo(setting, plan_undo(seen, stack_of(seen), point, {}), {}, std::move(stop));
}

/// What is live, and what can be gone back to.
struct State {
  bool restored = false;
  std::size_t points = 0;
};

/// Everything of the shop is in one of the two states, and nothing lies about that no point knows.
State expect_one_state(Shop& shop, const std::string& where) {
  auto setting = shop.setting(shop.engine);
  const auto report = replay(setting);
  EXPECT_TRUE(report.problems.empty()) << where << ": " << report.problems.front();

  const State state{shop.volumes.is_new(), shop.journal->points().size()};
  EXPECT_EQ(state.restored, shop.databases.live_is_new()) << where << ": half restored";
  EXPECT_EQ(shop.volumes.beside().size(), state.points) << where;
  EXPECT_EQ(shop.databases.content.size(), 1 + state.points) << where;
  EXPECT_TRUE(shop.databases.origins.empty()) << where;
  EXPECT_TRUE(shop.all_running()) << where;
  EXPECT_TRUE(shop.journal->open_jobs().empty()) << where;
  EXPECT_EQ(shop.store->list().size(), 1U) << where;
  EXPECT_TRUE(shop.agents_left().empty()) << where;
  return state;
}

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

TEST(Restore, PutsVolumeAndDatabaseInPlaceAndKeepsWhatWasThere) {
  Shop shop;
  shop.capture(shop.engine, "nightly");

  const auto result = restore_shop(shop, shop.engine);

  const auto state = expect_one_state(shop, "without a fault");
  EXPECT_TRUE(state.restored);
  EXPECT_EQ(state.points, 1U);
  ASSERT_TRUE(result.point);
  EXPECT_EQ(kept_bytes(*result.point), 1100U);
  EXPECT_EQ(shop.journal->points(), std::vector{*result.point});
}

TEST(Restore, KeepsNothingWhereNothingIsToBeKept) {
  Shop shop;
  shop.capture(shop.engine, "nightly");
  RestoreOptions options;
  options.keep = std::chrono::seconds{0};

  EXPECT_FALSE(restore_shop(shop, shop.engine, options).point);

  const auto state = expect_one_state(shop, "without a point");
  EXPECT_TRUE(state.restored);
  EXPECT_EQ(state.points, 0U);
}

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

// What does not run with what was restored is not what was wanted.
TEST(Restore, RollsBackIfSomethingDoesNotStartWithTheNewData) {
  Shop shop;
  shop.capture(shop.engine, "nightly");
  shop.clock.asleep = [&shop] {
    if (shop.volumes.is_new() && dockerapi::alive(shop.engine.inspect(shop.web))) {
      shop.engine.crash(shop.web, 3);
    }
  };

  try {
    restore_shop(shop, shop.engine);
    FAIL() << "it was not rolled back";
  } catch (const RolledBack& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("shop-web-1"));
    EXPECT_THAT(error.what(), testing::HasSubstr("code 3"));
  }

  EXPECT_FALSE(shop.volumes.is_new()) << "before any replay";
  const auto state = expect_one_state(shop, "health gate");
  EXPECT_FALSE(state.restored);
  EXPECT_EQ(state.points, 0U);
}

/// A restore that finds no room `times` times; how often it is asked to make some, and the hooks
/// that ran.
std::vector<std::string> without_room(int times) {
  Shop shop;
  FakeShell shell(shop.engine);
  shell.programs["notify"] = [](fakes::Process&) { return 0; };
  shop.capture(shop.engine, "nightly");
  shop.databases.before = [&](const std::string& call) {
    if (call == "stage app" && times-- > 0) {
      throw NoSpace("no space left on device");
    }
  };
  const auto manifest = shop.store->manifest("nightly");
  const auto seen = compose::observe(shop.engine);
  auto plan = plan_restore(seen, stack_of(seen), manifest, {{}, {}, true}, {});
  PlannedHook notify;
  notify.moment = HookMoment::OnFailure;
  notify.project = "shop";
  notify.service = "web";
  notify.command = {"notify"};
  plan.hooks = {notify};
  int asked = 0;
  RestoreOptions options;
  options.make_room = [&] { return ++asked < 2; };
  auto setting = shop.setting(shop.engine);
  for (int attempt = 0; attempt < 2; ++attempt) {
    try {
      restore(setting, manifest, plan, options, {});
      break;
    } catch (const NoSpace&) {
      EXPECT_TRUE(replay(setting).problems.empty());
    }
  }
  auto log = shell.log();
  log.push_back("asked " + std::to_string(asked));
  return log;
}

TEST(Restore, ThatFindsRoomInTheEndHasNotFailed) {
  EXPECT_THAT(without_room(1), testing::ElementsAre("asked 1"));
}

TEST(Restore, ThatFindsNoRoomInTheEndHasFailedOnce) {
  EXPECT_THAT(without_room(2), testing::ElementsAre("web: notify", "asked 2"));
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
                                            "commit app (web down)"}));
}

TEST(Restore, SaysWhatStandsAgainstADatabaseBeforeAnythingIsTouched) {
  Shop shop;
  shop.capture(shop.engine, "nightly");
  shop.databases.log.clear();
  shop.databases.objections = {"extension hstore is missing", "a slot is in use"};
  shop.databases.cautions = {"a subscription ends"};

  try {
    restore_shop(shop, shop.engine);
    FAIL();
  } catch (const DatabaseRefusal& error) {
    EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("nothing was touched"),
                                             testing::HasSubstr("db/app: extension hstore"),
                                             testing::HasSubstr("db/app: a slot is in use")));
  }
  EXPECT_EQ(shop.databases.log, std::vector<std::string>{"connect db"});
  EXPECT_FALSE(expect_one_state(shop, "after a refusal").restored);

  shop.databases.objections.clear();
  restore_shop(shop, shop.engine);
  EXPECT_THAT(shop.report.warnings, testing::Contains("db/app: a subscription ends"));
}

TEST(Restore, OfOneTableStopsNobodyAndKeepsNothing) {
  Shop shop;
  shop.capture(shop.engine, "nightly");
  const auto seen = compose::observe(shop.engine);
  auto manifest = shop.store->manifest("nightly");
  manifest.databases.at(0).tables = {{"public", "items", 5, "0"}};
  RestoreRequest request;
  request.table = "public.items";
  const auto plan = plan_restore(seen, stack_of(seen), manifest, request, {});
  ASSERT_TRUE(is_of_table(plan));
  shop.databases.log.clear();
  auto setting = shop.setting(shop.engine);

  EXPECT_EQ(restore_table(setting, manifest, plan, {}), (RestoredTable{"public", "items", 3, 5}));

  EXPECT_EQ(shop.databases.log,
            (std::vector<std::string>{"connect db", "restore public.items of app"}));
  const auto state = expect_one_state(shop, "after a table");
  EXPECT_FALSE(state.restored);
  EXPECT_EQ(state.points, 0U);
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
  EXPECT_FALSE(shop.volumes.is_new());
  EXPECT_FALSE(expect_one_state(shop, "after a failed rename").restored);
}

/// A restore whose agent dies of a command; what is live then, before any replay.
void with_deadly(const std::string& command, bool obeys_first) {
  Shop shop;
  shop.capture(shop.engine, "nightly");
  shop.volumes.deadly_command = command;
  shop.volumes.obeys_first = obeys_first;
  bool succeeded = false;
  try {
    restore_shop(shop, shop.engine);
    succeeded = true;
  } catch (const std::exception&) {
    // Allowed: what counts is the world afterwards.
  }
  const auto where = "agent dies " + std::string(obeys_first ? "after " : "before ") + command;
  EXPECT_TRUE(shop.volumes.deadly_command.empty()) << where << ": it was never told to";
  EXPECT_EQ(shop.volumes.is_new(), succeeded) << where;
  EXPECT_EQ(shop.databases.live_is_new(), succeeded) << where;
  EXPECT_TRUE(shop.all_running()) << where;
  EXPECT_EQ(expect_one_state(shop, where).restored, succeeded) << where;
}

// H2: another agent swaps back, so that nobody starts on half of what was live.
TEST(Restore, AnAgentThatDiesLeavesTheWayBackOpen) {
  for (const auto* command : {"measure", "stage", "swap", "weigh", "finish"}) {
    with_deadly(command, false);
    with_deadly(command, true);
  }
}

// R5: the way back is barred too.
TEST(Restore, ARollbackThatFailsSaysWhereBothStatesAre) {
  Shop shop;
  shop.capture(shop.engine, "nightly");
  fakes::FaultyEngine engine(shop.engine);
  shop.databases.before = [&](const std::string& call) {
    if (call == "commit app") {
      engine.fail_from(1);
      throw DatabaseError("sessions do not end");
    }
  };

  EXPECT_THROW(restore_shop(shop, engine), std::exception);

  shop.databases.before = [](const std::string&) {};
  EXPECT_FALSE(expect_one_state(shop, "after a rollback that failed").restored);
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
