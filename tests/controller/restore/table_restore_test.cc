// A restore of one table.

#include "controller/restore/table_restore.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compose/observe.h"
#include "tests/controller/restore/restored_shop.h"

namespace controller {
namespace {

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

}  // namespace
}  // namespace controller
