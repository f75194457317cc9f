#include "controller/agent/agent_restore.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/controller/agent/agent_under_test.h"
#include "tests/controller/archive/temporary_directory.h"

namespace controller {
namespace {

namespace fs = std::filesystem;

class AgentRestoreTest : public testing::Test {
 protected:
  AgentRestoreTest() {
    fs::create_directories(directory_ / "source/sub");
    write_file(directory_ / "source/sub/a", "archived");
    fs::create_symlink("sub/a", directory_ / "source/link");
    ::chmod((directory_ / "source").c_str(), 0750);
    archive();
    fs::create_directories(directory_ / "live/old");
    write_file(directory_ / "live/old/b", "live");
    write_file(directory_ / "outside", "precious");
    fs::create_symlink(directory_ / "outside", directory_ / "live/to-outside");
    fs::create_directory_symlink(directory_.path(), directory_ / "live/old/to-directory");
  }

  void archive() {
    ArchiveRequest request;
    request.root = directory_ / "source";
    request.artifact = directory_ / "a.tar.zst";
    fs::remove(request.artifact);
    const ArchiveSummary summary = archive_volume(request, {}, {});
    tree_ = {"volume:a",
             request.artifact.string(),
             summary.artifact,
             summary.entries,
             summary.content_bytes,
             SwapMethod::Exchange,
             (directory_ / "live").string(),
             (directory_ / "live.new").string(),
             (directory_ / "kept/1.tar.zst").string()};
  }

  void begin(SwapMethod method = SwapMethod::Exchange) {
    tree_.method = method;
    agent_.send(to_line(RestoreJob{"job", {tree_}}));
    ASSERT_TRUE(agent_.await<ReadyMessage>());
  }

  std::vector<Message> command(const std::string& name) { return agent_.run({name, {"volume:a"}}); }

  void expect_done(const std::string& name) {
    const auto messages = command(name);
    const auto* const failed = std::get_if<FailedMessage>(&messages.back());
    EXPECT_EQ(failed, nullptr) << failed->text;
  }

  FailedMessage expect_failed(const std::string& name) {
    const auto messages = command(name);
    const auto* const failed = std::get_if<FailedMessage>(&messages.back());
    EXPECT_NE(failed, nullptr) << name;
    return failed != nullptr ? *failed : FailedMessage{};
  }

  bool live_is_old() const {
    return fs::exists(directory_ / "live/old/b") && !fs::exists(directory_ / "live/sub");
  }
  bool live_is_new() const {
    return fs::exists(directory_ / "live/sub/a") && !fs::exists(directory_ / "live/old") &&
           fs::read_symlink(directory_ / "live/link") == "sub/a";
  }
  bool staged() const { return fs::exists(directory_ / "live.new"); }

  TemporaryDirectory directory_;
  RestoreTree tree_;
  AgentUnderTest agent_{run_restore_agent};
};

TEST_F(AgentRestoreTest, StagesBesideTheLiveTreeAndSwaps) {
  begin();

  expect_done("stage");
  EXPECT_TRUE(live_is_old());
  EXPECT_TRUE(staged());
  expect_done("swap");
  EXPECT_TRUE(live_is_new());
  struct stat status {};
  ASSERT_EQ(::stat(tree_.live.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0750U);
  expect_done("discard");
  EXPECT_TRUE(live_is_new());
  EXPECT_FALSE(staged());
  EXPECT_EQ(read_file(directory_ / "outside"), "precious");
}

TEST_F(AgentRestoreTest, ReportsWhatItStaged) {
  begin();

  const auto trees = only<TreeMessage>(command("stage"));

  ASSERT_EQ(trees.size(), 1U);
  EXPECT_EQ(trees[0].summary.artifact, tree_.digest);
  EXPECT_EQ(trees[0].summary.entries, tree_.entries);
}

TEST_F(AgentRestoreTest, SwapsBack) {
  begin();
  expect_done("stage");
  expect_done("swap");

  expect_done("unswap");

  EXPECT_TRUE(live_is_old());
  expect_done("discard");
  EXPECT_FALSE(staged());
}

// A crash leaves the next start unsure whether the swap had happened.
TEST_F(AgentRestoreTest, SwappingBackTwiceIsSwappingBackOnce) {
  begin();
  expect_done("stage");
  expect_done("swap");

  expect_done("unswap");
  expect_done("unswap");

  EXPECT_TRUE(live_is_old());
}

TEST_F(AgentRestoreTest, SwappingBackWhatWasOnlyStagedLeavesTheLiveTree) {
  begin();
  expect_done("stage");

  expect_done("unswap");

  EXPECT_TRUE(live_is_old());
}

TEST_F(AgentRestoreTest, SwappingBackWhatWasNeverStagedLeavesTheLiveTree) {
  fs::create_directory(directory_ / "live.new");
  write_file(directory_ / "live.new/half", "extracted by an agent that died");
  begin();

  expect_done("unswap");
  expect_done("discard");

  EXPECT_TRUE(live_is_old());
  EXPECT_FALSE(staged());
}

TEST_F(AgentRestoreTest, ReplacesInPlaceWithoutLeavingTheTree) {
  begin(SwapMethod::InPlace);

  expect_done("stage");
  EXPECT_TRUE(live_is_old());
  expect_done("swap");

  EXPECT_TRUE(live_is_new());
  EXPECT_EQ(read_file(directory_ / "outside"), "precious");
  EXPECT_TRUE(fs::exists(directory_ / "source/sub/a"));
}

TEST_F(AgentRestoreTest, PutsBackWhatItReplacedInPlace) {
  begin(SwapMethod::InPlace);
  expect_done("stage");
  expect_done("swap");

  expect_done("unswap");

  EXPECT_TRUE(live_is_old());
  EXPECT_EQ(fs::read_symlink(directory_ / "live/to-outside"), directory_ / "outside");
  expect_done("discard");
  EXPECT_FALSE(fs::exists(directory_ / "kept"));
}

// A crash in the middle of a replacement: the next agent knows by the record what was there.
TEST_F(AgentRestoreTest, AnotherAgentPutsBackWhatWasBeingReplaced) {
  begin(SwapMethod::InPlace);
  expect_done("stage");
  expect_done("swap");
  agent_.hang_up();
  ASSERT_EQ(agent_.exit_code(), 1);
  fs::remove_all(directory_ / "live/sub");
  AgentUnderTest next(run_restore_agent);
  next.send(to_line(RestoreJob{"job", {tree_}}));
  ASSERT_TRUE(next.await<ReadyMessage>());

  next.run({"unswap", {"volume:a"}});

  EXPECT_TRUE(live_is_old());
}

TEST_F(AgentRestoreTest, AnArchiveWithoutItsRecordMeansThatNothingWasReplaced) {
  fs::create_directory(directory_ / "kept");
  write_file(directory_ / "kept/1.tar.zst", "cut off by a crash");
  begin(SwapMethod::InPlace);

  expect_done("unswap");
  EXPECT_TRUE(live_is_old());
  expect_done("stage");
  expect_done("swap");
  expect_done("unswap");

  EXPECT_TRUE(live_is_old());
}

TEST_F(AgentRestoreTest, AdoptsWhatAnEarlierJobKept) {
  begin();
  expect_done("stage");
  expect_done("swap");
  agent_.send(to_line(Command{"finish", {}}));
  agent_.hang_up();
  ASSERT_EQ(agent_.exit_code(), 0);
  AgentUnderTest undo(run_restore_agent);
  undo.send(to_line(RestoreJob{"undo", {tree_}}));
  ASSERT_TRUE(undo.await<ReadyMessage>());

  undo.run({"adopt", {"volume:a"}});
  EXPECT_TRUE(live_is_new());
  undo.run({"swap", {"volume:a"}});

  EXPECT_TRUE(live_is_old());
  undo.run({"unswap", {"volume:a"}});
  EXPECT_TRUE(live_is_new());
  undo.hang_up();
  EXPECT_EQ(undo.exit_code(), 1);
  EXPECT_TRUE(fs::exists(directory_ / "live.new/old/b")) << "what was kept is not the agent's";
}

// What an earlier job swapped stands: a later one that dies before it has swapped leaves it so.
TEST_F(AgentRestoreTest, SwappingBackWhatAnotherJobSwappedLeavesTheLiveTree) {
  begin();
  expect_done("stage");
  expect_done("swap");
  agent_.send(to_line(Command{"finish", {}}));
  agent_.hang_up();
  AgentUnderTest undo(run_restore_agent);
  undo.send(to_line(RestoreJob{"undo", {tree_}}));
  ASSERT_TRUE(undo.await<ReadyMessage>());

  undo.run({"unswap", {"volume:a"}});

  EXPECT_TRUE(live_is_new());
}

TEST_F(AgentRestoreTest, AdoptsAnArchiveThatAnEarlierJobKept) {
  begin(SwapMethod::InPlace);
  expect_done("stage");
  expect_done("swap");
  tree_.artifact = tree_.previous;
  tree_.previous = (directory_ / "kept/2.tar.zst").string();
  tree_.entries = 0;
  AgentUnderTest undo(run_restore_agent);
  undo.send(to_line(RestoreJob{"undo", {tree_}}));
  ASSERT_TRUE(undo.await<ReadyMessage>());

  undo.run({"adopt", {"volume:a"}});
  undo.run({"swap", {"volume:a"}});

  EXPECT_TRUE(live_is_old());
  undo.run({"unswap", {"volume:a"}});
  EXPECT_TRUE(live_is_new());
}

TEST_F(AgentRestoreTest, CannotAdoptWhatIsGone) {
  begin();

  expect_failed("adopt");
  expect_failed("swap");

  EXPECT_TRUE(live_is_old());
}

TEST_F(AgentRestoreTest, WeighsWhatItKeeps) {
  begin();
  expect_done("stage");
  expect_done("swap");

  const auto weight = only<MeasureMessage>(command("weigh"));

  ASSERT_EQ(weight.size(), 1U);
  EXPECT_EQ(weight[0].size.entries, 5U);
}

// As a file that is bind-mounted has to be: it must stay the same file.
TEST_F(AgentRestoreTest, ReplacesASingleFileInPlace) {
  fs::remove_all(directory_ / "source");
  write_file(directory_ / "source", "archived");
  archive();
  fs::remove_all(directory_ / "live");
  write_file(directory_ / "live", "something longer that is live");
  fs::create_hard_link(directory_ / "live", directory_ / "same-file");
  begin(SwapMethod::InPlace);

  expect_done("stage");
  expect_done("swap");

  EXPECT_EQ(read_file(directory_ / "same-file"), "archived");
}

TEST_F(AgentRestoreTest, DoesNotWriteATreeOverAFile) {
  fs::remove_all(directory_ / "live");
  write_file(directory_ / "live", "a file");
  begin(SwapMethod::InPlace);
  expect_done("stage");

  EXPECT_EQ(expect_failed("swap").kind, FailedMessage::Kind::Integrity);

  EXPECT_EQ(read_file(directory_ / "live"), "a file");
}

TEST_F(AgentRestoreTest, MeasuresWhereItWillStage) {
  begin();

  const auto free = only<FreeSpaceMessage>(command("measure"));

  ASSERT_EQ(free.size(), 1U);
  EXPECT_EQ(free[0].tree, "volume:a");
  EXPECT_TRUE(free[0].occupied);
  struct stat status {};
  ASSERT_EQ(::stat(directory_.path().c_str(), &status), 0);
  EXPECT_EQ(free[0].device, status.st_dev);
  EXPECT_EQ(free[0].bytes / 10'000'000, fs::space(directory_.path()).available / 10'000'000);
}

TEST_F(AgentRestoreTest, RefusesAnArtifactThatIsNotTheRecordedOne) {
  for (const SwapMethod method : {SwapMethod::Exchange, SwapMethod::InPlace}) {
    const RestoreTree good = tree_;
    tree_.digest.sha256[0] = tree_.digest.sha256[0] == '0' ? '1' : '0';
    AgentUnderTest agent(run_restore_agent);
    tree_.method = method;
    agent.send(to_line(RestoreJob{"job", {tree_}}));
    ASSERT_TRUE(agent.await<ReadyMessage>());

    const auto failed = only<FailedMessage>(agent.run({"stage", {"volume:a"}}));

    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(failed[0].kind, FailedMessage::Kind::Integrity);
    EXPECT_EQ(failed[0].tree, "volume:a");
    EXPECT_FALSE(staged());
    EXPECT_TRUE(live_is_old());
    tree_ = good;
  }
}

TEST_F(AgentRestoreTest, RefusesAnArtifactThatHoldsMoreOrLessThanRecorded) {
  ++tree_.entries;
  begin();

  EXPECT_EQ(expect_failed("stage").kind, FailedMessage::Kind::Integrity);
  EXPECT_FALSE(staged());
}

TEST_F(AgentRestoreTest, DoesNotSwapWhatWasNotStaged) {
  begin();

  expect_failed("swap");

  EXPECT_TRUE(live_is_old());
}

TEST_F(AgentRestoreTest, DoesNotStageOverWhatIsThere) {
  fs::create_directory(tree_.staging);
  write_file(directory_ / "live.new/kept", "by somebody");
  begin();

  expect_failed("stage");

  EXPECT_EQ(read_file(directory_ / "live.new/kept"), "by somebody");
}

TEST_F(AgentRestoreTest, RemovesTheStagingPlaceIfTheControllerGoesAwayBeforeTheSwap) {
  begin();
  expect_done("stage");

  agent_.hang_up();

  EXPECT_EQ(agent_.exit_code(), 1);
  EXPECT_FALSE(staged());
  EXPECT_TRUE(live_is_old());
}

TEST_F(AgentRestoreTest, KeepsTheOldTreeIfTheControllerGoesAwayAfterTheSwap) {
  begin();
  expect_done("stage");
  expect_done("swap");

  agent_.hang_up();

  EXPECT_EQ(agent_.exit_code(), 1);
  EXPECT_TRUE(live_is_new());
  EXPECT_TRUE(fs::exists(directory_ / "live.new/old/b"));
}

TEST_F(AgentRestoreTest, KeepsWhatWasStagedAfterFinish) {
  begin();
  expect_done("stage");

  agent_.send(to_line(Command{"finish", {}}));
  agent_.hang_up();

  EXPECT_EQ(agent_.exit_code(), 0);
  EXPECT_TRUE(staged());
}

TEST_F(AgentRestoreTest, LeavesNothingOfAStageThatWasCancelled) {
  // Enough that the cancel comes in the middle of it.
  for (int i = 0; i < 20'000; ++i) {
    write_file(directory_ / ("source/sub/" + std::to_string(i)), "x");
  }
  archive();
  begin();
  agent_.send(to_line(Command{"stage", {"volume:a"}}));
  ASSERT_TRUE(agent_.await<ProgressMessage>());

  agent_.send(to_line(Command{"cancel", {}}));

  const auto failed = agent_.await<FailedMessage>();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->kind, FailedMessage::Kind::Interrupted);
  EXPECT_FALSE(staged());
}

TEST_F(AgentRestoreTest, RefusesAJobItCannotRead) {
  agent_.send("{}");

  EXPECT_TRUE(agent_.await<FailedMessage>());
  EXPECT_EQ(agent_.exit_code(), 2);
}

}  // namespace
}  // namespace controller
