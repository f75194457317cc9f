#include "controller/agent/agent_drill.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/controller/agent/agent_under_test.h"
#include "tests/controller/archive/temporary_directory.h"

namespace controller {
namespace {

namespace fs = std::filesystem;

class AgentDrillTest : public testing::Test {
 protected:
  AgentDrillTest() {
    fs::create_directories(directory_ / "source/sub");
    write_file(directory_ / "source/sub/a", "archived");
    write_file(directory_ / "one", "of a kind");
    ::chmod((directory_ / "one").c_str(), 0640);
    fs::create_directory(directory_ / "volume");
  }

  RestoreTree archive(const std::string& source, const std::string& target) {
    ArchiveRequest request;
    request.root = directory_ / source;
    request.artifact = directory_ / (source + ".tar.zst");
    const ArchiveSummary summary = archive_volume(request, {}, {});
    RestoreTree tree;
    tree.id = "t";
    tree.artifact = request.artifact;
    tree.digest = summary.artifact;
    tree.entries = summary.entries;
    tree.content_bytes = summary.content_bytes;
    tree.live = directory_ / target;
    return tree;
  }

  std::vector<Message> run(const RestoreTree& tree, const std::string& command) {
    agent_.send(to_line(RestoreJob{"job", {tree}}));
    EXPECT_TRUE(agent_.await<ReadyMessage>());
    return agent_.run({command, {"t"}});
  }

  static std::string failure(const std::vector<Message>& messages) {
    const auto* const failed = std::get_if<FailedMessage>(&messages.back());
    return failed ? failed->text : "";
  }

  TemporaryDirectory directory_;
  AgentUnderTest agent_{run_drill_agent};
};

TEST_F(AgentDrillTest, PlacesATreeAndWalksIt) {
  const auto messages = run(archive("source", "volume"), "place");

  EXPECT_EQ(failure(messages), "");
  ASSERT_EQ(only<TreeMessage>(messages).size(), 1U);
  EXPECT_EQ(only<TreeMessage>(messages)[0].summary.entries, 3U);
  EXPECT_EQ(read_file(directory_ / "volume/sub/a"), "archived");
  const auto weighed = only<MeasureMessage>(agent_.run({"weigh", {"t"}}));
  ASSERT_EQ(weighed.size(), 1U);
  EXPECT_EQ(weighed[0].size.entries, 3U);
  agent_.send(to_line(Command{"finish", {}}));
  EXPECT_EQ(agent_.exit_code(), 0);
}

TEST_F(AgentDrillTest, TakesNoOtherArchiveForTheRecordedOne) {
  for (const auto& change : std::vector<std::function<void(RestoreTree&)>>{
           [](RestoreTree& tree) { tree.digest.sha256[0] ^= 1; },
           [](RestoreTree& tree) { tree.digest.stored_bytes += 1; }}) {
    auto tree = archive("source", "volume");
    change(tree);
    AgentUnderTest agent{run_drill_agent};
    agent.send(to_line(RestoreJob{"job", {tree}}));
    agent.await<ReadyMessage>();

    const auto messages = agent.run({"place", {"t"}});

    const auto* const failed = std::get_if<FailedMessage>(&messages.back());
    ASSERT_NE(failed, nullptr);
    EXPECT_EQ(failed->kind, FailedMessage::Kind::Integrity);
    EXPECT_TRUE(only<TreeMessage>(messages).empty()) << "no closing record";
    fs::remove_all(directory_ / "volume");
    fs::create_directory(directory_ / "volume");
    fs::remove(directory_ / "source.tar.zst");
  }
}

TEST_F(AgentDrillTest, TakesNoFewerEntriesThanRecorded) {
  auto tree = archive("source", "volume");
  tree.entries += 1;

  EXPECT_NE(failure(run(tree, "place")).find("does not hold what the manifest says"),
            std::string::npos);
}

TEST_F(AgentDrillTest, PlacesASingleFile) {
  EXPECT_EQ(failure(run(archive("one", "file"), "place-file")), "");

  EXPECT_EQ(read_file(directory_ / "file"), "of a kind");
  EXPECT_EQ(fs::status(directory_ / "file").permissions(), fs::perms{0640});
}

TEST_F(AgentDrillTest, CopiesAFileWithItsMode) {
  RestoreTree tree;
  tree.id = "t";
  tree.artifact = directory_ / "one";
  tree.live = directory_ / "copy";

  EXPECT_EQ(failure(run(tree, "copy-file")), "");

  EXPECT_EQ(read_file(directory_ / "copy"), "of a kind");
  EXPECT_EQ(fs::status(directory_ / "copy").permissions(), fs::perms{0640});
}

TEST_F(AgentDrillTest, CopiesNothingButFilesAndOverNothing) {
  RestoreTree tree;
  tree.id = "t";
  tree.artifact = directory_ / "source";
  tree.live = directory_ / "one";

  EXPECT_NE(failure(run(tree, "copy-file")).find("is not a file"), std::string::npos);
  EXPECT_EQ(read_file(directory_ / "one"), "of a kind");
}

TEST_F(AgentDrillTest, TellsTheFreeSpaceOfAVolume) {
  const auto space = only<FreeSpaceMessage>(run(archive("source", "volume"), "measure"));

  ASSERT_EQ(space.size(), 1U);
  EXPECT_GT(space[0].bytes, 0U);
}

TEST_F(AgentDrillTest, KnowsNoOtherCommand) {
  EXPECT_NE(failure(run(archive("source", "volume"), "swap")).find("knows no command swap"),
            std::string::npos);
}

TEST_F(AgentDrillTest, EndsWithItsController) {
  run(archive("source", "volume"), "measure");

  agent_.hang_up();

  EXPECT_EQ(agent_.exit_code(), 1);
}

}  // namespace
}  // namespace controller
