#include "controller/cli/copies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "controller/archive/volume_archive.h"
#include "controller/cli/open_destination.h"
#include "controller/remote/copy_notes.h"
#include "tests/controller/snapshot/written_snapshot.h"
#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

/// A store, and the destinations "far", which gets every snapshot, and "other", which does not.
class CopiesTest : public testing::Test {
 protected:
  CopiesTest() {
    context_.output.quiet = true;
    auto& settings = context_.settings;
    settings.store = folder_.path() / "store";
    settings.state = settings.store / ".cofferdam" / "state.db";
    settings.config = folder_.path() / "config.yaml";
    std::ofstream(settings.config)
        << "destinations:\n"
           "  far: {endpoint: \"http://127.0.0.1:1\", bucket: b, access_key_id: k, "
           "secret_access_key: s, upload: true}\n"
           "  other: {bucket: b, access_key_id: k, secret_access_key: s}\n";
    store_ = open_directory_store(settings.store);
  }

  void owe(const std::string& destination, const std::string& snapshot) {
    const auto where = choose_destination(destinations_of(context_.settings), destination);
    CopyNotes(context_.settings.store, where)
        .write({snapshot, "2026-11-20T02:00:00Z", std::nullopt});
  }

  TemporaryFolder folder_;
  CommandContext context_;
  std::unique_ptr<SnapshotStore> store_;
};

TEST_F(CopiesTest, AreOwedToThoseThatGetEverySnapshot) {
  EXPECT_THAT(owed_copies(context_.settings), IsEmpty());
  owe("far", "a");
  owe("other", "b");

  EXPECT_THAT(owed_copies(context_.settings),
              ElementsAre(Pair("a", "its copy to far is owed since 2026-11-20T02:00:00Z")));
}

TEST_F(CopiesTest, AreOwedToEachBeforeTheFirstIsMade) {
  std::ofstream(context_.settings.config, std::ios::app)
      << "  third: {bucket: b, access_key_id: k, secret_access_key: s, upload: true}\n";
  std::stop_source stop;
  stop.request_stop();
  context_.stop = stop.get_token();
  const auto reporter = make_reporter(context_.output);
  write_snapshot(*store_, "a");
  const auto destinations = uploading_destinations(context_.settings);

  owe_copies(context_.settings, destinations, "a");
  EXPECT_THROW(copy_new_snapshot(context_, destinations, *store_, *reporter, "a"), Interrupted);

  for (const auto& destination : destinations) {
    EXPECT_EQ(owed_copies(context_.settings.store, destination).size(), 1) << destination.name;
  }
}

TEST_F(CopiesTest, AreNotMadeOfWhatIsGone) {
  owe("far", "a");

  EXPECT_EQ(run_copy(context_, {"", "far", true}), ExitCode::Degraded);
  EXPECT_EQ(run_copy(context_, {"", "far", true}), ExitCode::Success);
}

TEST_F(CopiesTest, AreFetchedInTurn) {
  const auto held = store_->lock("create other");

  EXPECT_THROW(run_fetch(context_, "a", "far"), StoreLocked);
}

TEST_F(CopiesTest, AreFetchedInTheTurnOfTheirRestore) {
  const auto held = store_->lock("create other");
  RestoreWords words;
  words.name = "a";
  words.from = "far";

  EXPECT_THROW(run_restore(context_, words), StoreLocked);
}

TEST_F(CopiesTest, AreWarnedOfByDelete) {
  write_snapshot(*store_, "a");
  owe("far", "a");
  testing::internal::CaptureStderr();

  EXPECT_EQ(run_delete(context_, "a", true), ExitCode::Success);

  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("a: its copy to far is owed"));
}

}  // namespace
}  // namespace controller
