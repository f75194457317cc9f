#include "controller/cli/notify_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "controller/cli/job_diary.h"
#include "controller/cli/output.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using testing::ElementsAre;
using testing::Pair;

/// Whom no letter can be delivered to: it is on loopback.
NotifySettings telling(const std::string& name, const std::string& event) {
  return read_notify_settings(
      [](const std::string&) { return std::nullopt; },
      "notifications: {" + name + ": {url: 'ntfy://127.0.0.1/t', on: [" + event + "]}}");
}

std::vector<std::string> told(NotifyKeeper& keeper) {
  std::vector<std::string> names;
  for (const auto& standing : keeper.standings()) {
    names.push_back(standing.target);
  }
  return names;
}

std::map<std::string, int> waiting(NotifyKeeper& keeper) {
  std::map<std::string, int> letters;
  for (const auto& standing : keeper.standings()) {
    letters[standing.target] = standing.waiting;
  }
  return letters;
}

class NotifyKeeperTest : public testing::Test {
 protected:
  NotifyKeeperTest() {
    settings_.store = folder_.path();
    settings_.state = folder_.path() / ".cofferdam" / "state.db";
  }

  /// How many letters wait once a `serve` with that threshold has looked.
  int waiting_with(const RoomWanted& wanted) {
    settings_.storage_low = wanted;
    SharedBook book(job_book_file(settings_));
    NotifyKeeper keeper(settings_, telling("phone", "storage_low"), book, *reporter_);
    keeper.look();
    keeper.look();
    return keeper.standings().at(0).waiting;
  }

  TemporaryFolder folder_;
  Settings settings_;
  std::unique_ptr<Reporter> reporter_ = make_reporter({});
};

TEST_F(NotifyKeeperTest, TellsOthersFromNowOn) {
  SharedBook book(job_book_file(settings_));
  NotifyKeeper keeper(settings_, telling("phone", "overdue"), book, *reporter_);
  keeper.look();
  EXPECT_THAT(told(keeper), ElementsAre("phone"));

  keeper.use(telling("ops", "overdue"));
  keeper.look();
  keeper.tell_overdue("shop", "nightly", "yesterday");

  const auto standings = keeper.standings();
  const auto ops = std::ranges::find(standings, "ops", &TargetStanding::target);
  ASSERT_NE(ops, standings.end());
  EXPECT_EQ(ops->waiting, 1);
  const auto phone = std::ranges::find(standings, "phone", &TargetStanding::target);
  EXPECT_TRUE(phone == standings.end() || phone->waiting == 0);
}

constexpr RoomWanted kMoreThanThereIs{std::uint64_t{1} << 60U, 0};

TEST_F(NotifyKeeperTest, TellsOnceThatTheStoreIsNearlyFullUntilItIsNot) {
  EXPECT_EQ(waiting_with({}), 0);
  EXPECT_EQ(waiting_with(kMoreThanThereIs), 1);
  EXPECT_EQ(waiting_with(kMoreThanThereIs), 1) << "also after a restart";
  EXPECT_EQ(waiting_with({}), 1) << "that it is fine again is no event";
  EXPECT_EQ(waiting_with(kMoreThanThereIs), 2);
}

TEST_F(NotifyKeeperTest, TellsThatTheStoreIsNearlyFullToWhoeverWasNotToldYet) {
  settings_.storage_low = kMoreThanThereIs;
  SharedBook book(job_book_file(settings_));
  auto whom = telling("phone", "storage_low");
  NotifyKeeper keeper(settings_, whom, book, *reporter_);
  keeper.look();

  const auto ops = telling("ops", "overdue").targets.front();
  whom.targets.push_back(ops);
  keeper.use(whom);
  keeper.look();
  EXPECT_THAT(waiting(keeper), ElementsAre(Pair("ops", 0), Pair("phone", 1)));

  whom.targets.back().kinds.insert(NotifyKind::StorageLow);
  keeper.use(whom);
  keeper.look();
  EXPECT_THAT(waiting(keeper), ElementsAre(Pair("ops", 1), Pair("phone", 1)));

  keeper.use(telling("ops", "storage_low"));
  keeper.look();
  keeper.use(whom);
  keeper.look();
  EXPECT_THAT(waiting(keeper), ElementsAre(Pair("ops", 1), Pair("phone", 1)));
}

TEST_F(NotifyKeeperTest, SaysNothingOfAStoreThatIsNotThere) {
  settings_.store = folder_.path() / "gone";

  EXPECT_EQ(waiting_with(kMoreThanThereIs), 0);
}

}  // namespace
}  // namespace controller
