#include "tests/controller/restore/restored_shop.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "controller/recovery/replay.h"
#include "controller/restore/rollback.h"

namespace controller {

compose::Stack stack_of(const compose::Observation& seen) {
  return compose::read_stack(seen, "shop", std::nullopt);
}

RestoreResult restore_shop(Shop& shop, dockerapi::Engine& engine, const RestoreOptions& options,
                           std::stop_token stop) {
  const auto manifest = shop.store->manifest("nightly");
  const auto seen = compose::observe(engine);
  const auto plan = plan_restore(seen, stack_of(seen), manifest, {{}, {}, true}, {});
  auto setting = shop.setting(engine);
  return restore(setting, manifest, plan, options, std::move(stop));
}

RestoreResult undo_shop(Shop& shop, dockerapi::Engine& engine, std::stop_token stop) {
  auto setting = shop.setting(engine);
  const auto point = newest_restore(usable_points(setting, "shop")).value();
  const auto seen = compose::observe(engine);
  return undo(setting, plan_undo(seen, stack_of(seen), point, {}), {}, std::move(stop));
}

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

}  // namespace controller
