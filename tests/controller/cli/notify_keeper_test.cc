#include "controller/cli/notify_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/cli/job_diary.h"
#include "controller/cli/output.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using testing::ElementsAre;

/// Whom no letter can be delivered to: it is on loopback.
NotifySettings telling(const std::string& name) {
  return read_notify_settings(
      [](const std::string&) { return std::nullopt; },
      "notifications: {" + name + ": {url: 'ntfy://127.0.0.1/t', on: [overdue]}}");
}

std::vector<std::string> told(NotifyKeeper& keeper) {
  std::vector<std::string> names;
  for (const auto& standing : keeper.standings()) {
    names.push_back(standing.target);
  }
  return names;
}

TEST(NotifyKeeper, TellsOthersFromNowOn) {
  TemporaryFolder folder;
  Settings settings;
  settings.store = folder.path();
  settings.state = folder.path() / ".cofferdam" / "state.db";
  SharedBook book(job_book_file(settings));
  const auto reporter = make_reporter({});
  NotifyKeeper keeper(settings, telling("phone"), book, *reporter);
  keeper.look();
  EXPECT_THAT(told(keeper), ElementsAre("phone"));

  keeper.use(telling("ops"));
  keeper.look();
  keeper.tell_overdue("shop", "nightly", "yesterday");

  const auto standings = keeper.standings();
  const auto ops = std::ranges::find(standings, "ops", &TargetStanding::target);
  ASSERT_NE(ops, standings.end());
  EXPECT_EQ(ops->waiting, 1);
  const auto phone = std::ranges::find(standings, "phone", &TargetStanding::target);
  EXPECT_TRUE(phone == standings.end() || phone->waiting == 0);
}

}  // namespace
}  // namespace controller
