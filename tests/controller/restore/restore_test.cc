// A restore on a fake engine: its order, what stands against it, and its way back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compose/observe.h"
#include "tests/controller/hooks/fake_shell.h"
#include "tests/controller/restore/restored_shop.h"
#include "tests/fakes/faulty_engine.h"

namespace controller {
namespace {

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

}  // namespace
}  // namespace controller
