#include "controller/cli/notify_keeper.h"

#include <gtest/gtest.h>

#include <fstream>

#include "controller/cli/job_diary.h"
#include "controller/cli/output.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

/// One target, which no letter can be delivered to: it is on loopback.
class NotifyKeeperTest : public testing::Test {
 protected:
  NotifyKeeperTest() {
    settings_.store = folder_.path();
    settings_.state = folder_.path() / ".cofferdam" / "state.db";
    settings_.config = folder_.path() / "config.yaml";
    std::ofstream(settings_.config) << "notifications: {a: {url: 'ntfy://127.0.0.1/t'}}\n";
  }

  /// How many letters wait once a `serve` with that threshold has looked.
  int waiting_with(const RoomWanted& wanted) {
    settings_.storage_low = wanted;
    SharedBook book(job_book_file(settings_));
    NotifyKeeper keeper(settings_, book, *reporter_);
    keeper.look();
    keeper.look();
    return keeper.standings().at(0).waiting;
  }

  TemporaryFolder folder_;
  Settings settings_;
  std::unique_ptr<Reporter> reporter_ = make_reporter({});
};

constexpr RoomWanted kMoreThanThereIs{std::uint64_t{1} << 60U, 0};

TEST_F(NotifyKeeperTest, TellsOnceThatTheStoreIsNearlyFullUntilItIsNot) {
  EXPECT_EQ(waiting_with({}), 0);
  EXPECT_EQ(waiting_with(kMoreThanThereIs), 1);
  EXPECT_EQ(waiting_with(kMoreThanThereIs), 1) << "also after a restart";
  EXPECT_EQ(waiting_with({}), 1) << "that it is fine again is no event";
  EXPECT_EQ(waiting_with(kMoreThanThereIs), 2);
}

TEST_F(NotifyKeeperTest, SaysNothingOfAStoreThatIsNotThere) {
  settings_.store = folder_.path() / "gone";

  EXPECT_EQ(waiting_with(kMoreThanThereIs), 0);
}

}  // namespace
}  // namespace controller
