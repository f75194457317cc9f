#include "controller/cli/turn.h"

#include <gtest/gtest.h>

#include <future>

#include "controller/archive/volume_archive.h"
#include "controller/cli/book_changes.h"
#include "controller/cli/job_diary.h"
#include "controller/remote/snapshot_copy.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

class TurnTest : public testing::Test {
 protected:
  TurnTest() : store_(open_directory_store(folder_.path())) {
    context_.settings.store = folder_.path();
    context_.settings.state = folder_.path() / ".cofferdam" / "state.db";
    context_.output.quiet = true;
    context_.diary = std::make_shared<JobDiary>(context_.settings, "create", "cofferdam create");
    context_.stop = stop_.get_token();
  }

  TemporaryFolder folder_;
  std::unique_ptr<SnapshotStore> store_;
  std::stop_source stop_;
  CommandContext context_;
};

TEST_F(TurnTest, IsRefusedWhereSomebodyWorks) {
  const auto held = store_->lock("create other");
  EXPECT_THROW(take_turn(context_, *store_, "create"), StoreLocked);
}

TEST_F(TurnTest, ComesAtOnceWhereNobodyWorks) {
  EXPECT_TRUE(take_turn(context_, *store_, "create"));
  context_.queue = true;
  EXPECT_TRUE(take_turn(context_, *store_, "create"));
}

TEST_F(TurnTest, IsWaitedForByWhoQueues) {
  auto held = store_->lock("create other");
  context_.queue = true;
  BookChanges changes(job_book_file(context_.settings));
  auto turn =
      std::async(std::launch::async, [&] { return take_turn(context_, *store_, "create"); });
  changes.wait();  // it has said that it waits

  held.reset();

  EXPECT_TRUE(turn.get());
}

TEST_F(TurnTest, NeverComesForWhoIsCancelled) {
  const auto held = store_->lock("create other");
  context_.queue = true;
  stop_.request_stop();
  EXPECT_THROW(take_turn(context_, *store_, "create"), Interrupted);
}

class CopyTurnTest : public TurnTest {
 protected:
  CopyTurnTest() { context_.diary->begin_work(); }

  static Destination far() {
    Destination destination;
    destination.name = "far";
    destination.bucket = "shop";
    return destination;
  }

  CopyNotes notes_{folder_.path(), far()};
};

TEST_F(CopyTurnTest, IsRefusedWhereSomebodyCopies) {
  const auto held = lock_copies(notes_, "copy other");
  EXPECT_THROW(take_copy_turn(context_, notes_, "copy a"), StoreLocked);
}

TEST_F(CopyTurnTest, IsWaitedForByWhoQueuesAndByNobodyElse) {
  auto held = lock_copies(notes_, "copy other");
  context_.queue = true;
  BookChanges changes(job_book_file(context_.settings));
  auto turn =
      std::async(std::launch::async, [&] { return take_copy_turn(context_, notes_, "copy a"); });
  changes.wait();  // it has said that it waits

  auto other = context_;
  other.diary = std::make_shared<JobDiary>(other.settings, "create", "cofferdam create");
  EXPECT_TRUE(take_turn(other, *store_, "create"));
  held.reset();
  other.diary->end(ExitCode::Success, {});  // which makes it look again

  EXPECT_TRUE(turn.get());
}

TEST_F(CopyTurnTest, NeverComesForWhoIsCancelled) {
  const auto held = lock_copies(notes_, "copy other");
  context_.queue = true;
  stop_.request_stop();
  EXPECT_THROW(take_copy_turn(context_, notes_, "copy a"), Interrupted);
}

}  // namespace
}  // namespace controller
