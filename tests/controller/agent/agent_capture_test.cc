#include "controller/agent/agent_capture.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/controller/agent/agent_under_test.h"
#include "tests/controller/archive/temporary_directory.h"

namespace controller {
namespace {

namespace fs = std::filesystem;

class AgentCaptureTest : public testing::Test {
 protected:
  AgentCaptureTest() {
    fs::create_directories(directory_ / "one");
    fs::create_directories(directory_ / "two");
    fs::create_directories(directory_ / "store");
    write_file(directory_ / "one/a", "hello");
    write_file(directory_ / "two/b", "world");
    job_ = {"job",
            (directory_ / "store").string(),
            parse_compression("zstd:1"),
            {tree("one"), tree("two")},
            {{(directory_ / "compose.yml").string(), artifact("definition/compose.yml")},
             {(directory_ / "absent.yml").string(), artifact("definition/absent.yml")}}};
    write_file(directory_ / "compose.yml", "services: {}\n");
  }

  CaptureTree tree(const std::string& name) {
    return {"volume:" + name,
            (directory_ / name).string(),
            artifact("volumes/" + name + ".tar.zst"),
            {},
            Liveness::Still};
  }

  std::string artifact(const std::string& name) { return (directory_ / "store" / name).string(); }

  void begin() {
    agent_.send(to_line(job_));
    ASSERT_TRUE(agent_.await<ReadyMessage>());
  }

  // A tree whose capture lasts until somebody stops it, as far as this test can tell.
  void add_endless_tree() {
    fs::create_directories(directory_ / "endless");
    const FileDescriptor file(
        ::open((directory_ / "endless/big").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    ASSERT_EQ(::fallocate(file.fd(), 0, 0, 8LL << 30), 0);
    job_.trees.push_back(tree("endless"));
    job_.compression = parse_compression("zstd:19");
  }

  TemporaryDirectory directory_;
  CaptureJob job_;
  AgentUnderTest agent_{run_capture_agent};
};

TEST_F(AgentCaptureTest, ClosesEachTreeWithItsRecord) {
  begin();

  const auto messages = agent_.run({"capture", {"volume:two", "volume:one"}});

  EXPECT_EQ(std::get<DoneMessage>(messages.back()).command, "capture");
  const auto trees = only<TreeMessage>(messages);
  ASSERT_EQ(trees.size(), 2U);
  EXPECT_EQ(trees[0].tree, "volume:two");
  EXPECT_EQ(trees[1].tree, "volume:one");
  EXPECT_EQ(trees[1].summary.entries, 2U);
  EXPECT_EQ(trees[1].summary.content_bytes, 5U);
  const std::string path = artifact("volumes/one.tar.zst");
  EXPECT_EQ(trees[1].summary.artifact.stored_bytes, fs::file_size(path));
  EXPECT_EQ(output_of("sha256sum < " + path).substr(0, 64), trees[1].summary.artifact.sha256);
  EXPECT_EQ(output_of("tar -xOf " + path + " ./a"), "hello");
}

TEST_F(AgentCaptureTest, MeasuresTreesAndTheStore) {
  begin();

  const auto messages = agent_.run({"measure", {"volume:one"}});

  const auto sizes = only<MeasureMessage>(messages);
  ASSERT_EQ(sizes.size(), 1U);
  EXPECT_EQ(sizes[0].tree, "volume:one");
  EXPECT_EQ(sizes[0].size.entries, 2U);
  EXPECT_FALSE(sizes[0].size.has_postgres_cluster);
  const auto free = only<FreeSpaceMessage>(messages);
  ASSERT_EQ(free.size(), 1U);
  EXPECT_EQ(free[0].tree, "");
  EXPECT_EQ(free[0].bytes / 10'000'000, fs::space(directory_ / "store").available / 10'000'000);
  EXPECT_GT(free[0].inodes, 0U);
}

TEST_F(AgentCaptureTest, CopiesFilesAndReportsAbsentOnes) {
  begin();

  const auto files = only<FileMessage>(agent_.run({"files", {}}));

  ASSERT_EQ(files.size(), 2U);
  EXPECT_TRUE(files[0].present);
  EXPECT_EQ(files[0].digest.stored_bytes, 13U);
  EXPECT_EQ(read_file(artifact("definition/compose.yml")), "services: {}\n");
  EXPECT_FALSE(files[1].present);
  EXPECT_FALSE(fs::exists(artifact("definition/absent.yml")));
}

TEST_F(AgentCaptureTest, PassesWarningsOn) {
  job_.trees[0].liveness = Liveness::Live;
  ASSERT_EQ(run("python3 -c 'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' " +
                (directory_ / "one/socket").string()),
            0);
  begin();

  const auto warnings = only<WarningMessage>(agent_.run({"capture", {"volume:one"}}));

  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].tree, "volume:one");
  EXPECT_EQ(warnings[0].warning, (ArchiveWarning{"socket", "socket skipped"}));
}

TEST_F(AgentCaptureTest, NamesTheTreeThatFailedAndGoesOn) {
  job_.trees[0].root = "/nonexistent";
  begin();

  const auto messages = agent_.run({"capture", {"volume:one"}});

  const auto& failed = std::get<FailedMessage>(messages.back());
  EXPECT_EQ(failed.command, "capture");
  EXPECT_EQ(failed.tree, "volume:one");
  EXPECT_EQ(failed.kind, FailedMessage::Kind::Failed);
  EXPECT_NE(failed.text.find("/nonexistent"), std::string::npos);
  EXPECT_FALSE(fs::exists(artifact("volumes/one.tar.zst")));
  EXPECT_EQ(only<TreeMessage>(agent_.run({"capture", {"volume:two"}})).size(), 1U);
}

TEST_F(AgentCaptureTest, RefusesCommandsAndTreesItDoesNotKnow) {
  begin();

  EXPECT_TRUE(std::holds_alternative<FailedMessage>(agent_.run({"stage", {}}).back()));
  EXPECT_TRUE(std::holds_alternative<FailedMessage>(agent_.run({"capture", {"volume:x"}}).back()));
  agent_.send("nonsense");
  EXPECT_TRUE(agent_.await<FailedMessage>());
}

TEST_F(AgentCaptureTest, RefusesAJobItCannotRead) {
  agent_.send("nonsense");

  const auto failed = agent_.await<FailedMessage>();

  ASSERT_TRUE(failed);
  EXPECT_NE(failed->text.find("nonsense"), std::string::npos);
  EXPECT_EQ(agent_.exit_code(), 2);
}

TEST_F(AgentCaptureTest, KeepsItsFilesAfterFinish) {
  begin();
  agent_.run({"capture", {"volume:one"}});

  agent_.send(to_line(Command{"finish", {}}));
  agent_.hang_up();

  EXPECT_EQ(agent_.exit_code(), 0);
  EXPECT_TRUE(fs::exists(artifact("volumes/one.tar.zst")));
}

TEST_F(AgentCaptureTest, RemovesWhatItWroteIfTheControllerGoesAwayWithoutFinish) {
  begin();
  agent_.run({"capture", {"volume:one"}});
  agent_.run({"files", {}});
  ASSERT_TRUE(fs::exists(artifact("volumes/one.tar.zst")));

  agent_.hang_up();

  EXPECT_EQ(agent_.exit_code(), 1);
  EXPECT_FALSE(fs::exists(artifact("volumes/one.tar.zst")));
  EXPECT_FALSE(fs::exists(artifact("definition/compose.yml")));
}

TEST_F(AgentCaptureTest, NoticesInTheMiddleOfACaptureThatTheControllerWentAway) {
  add_endless_tree();
  begin();
  agent_.send(to_line(Command{"capture", {"volume:one", "volume:endless"}}));
  ASSERT_TRUE(agent_.await<TreeMessage>());
  ASSERT_TRUE(agent_.await<ProgressMessage>());

  agent_.hang_up();

  EXPECT_EQ(agent_.exit_code(), 1);
  EXPECT_FALSE(fs::exists(artifact("volumes/endless.tar.zst")));
  EXPECT_FALSE(fs::exists(artifact("volumes/one.tar.zst")));
}

TEST_F(AgentCaptureTest, EndsOnSigtermInTheMiddleOfACapture) {
  add_endless_tree();
  begin();
  agent_.send(to_line(Command{"capture", {"volume:endless"}}));
  ASSERT_TRUE(agent_.await<ProgressMessage>());

  agent_.terminate();

  EXPECT_EQ(agent_.exit_code(), 1);
  EXPECT_FALSE(fs::exists(artifact("volumes/endless.tar.zst")));
}

TEST_F(AgentCaptureTest, GivesUpOnCancelAndTakesTheNextCommand) {
  add_endless_tree();
  begin();
  agent_.send(to_line(Command{"capture", {"volume:endless"}}));
  ASSERT_TRUE(agent_.await<ProgressMessage>());

  agent_.send(to_line(Command{"cancel", {}}));

  const auto failed = agent_.await<FailedMessage>();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->kind, FailedMessage::Kind::Interrupted);
  EXPECT_FALSE(fs::exists(artifact("volumes/endless.tar.zst")));
  EXPECT_EQ(only<TreeMessage>(agent_.run({"capture", {"volume:one"}})).size(), 1U);
}

TEST_F(AgentCaptureTest, IgnoresACancelThatComesTooLate) {
  begin();
  agent_.run({"capture", {"volume:one"}});

  agent_.send(to_line(Command{"cancel", {}}));

  EXPECT_EQ(only<TreeMessage>(agent_.run({"capture", {"volume:two"}})).size(), 1U);
}

}  // namespace
}  // namespace controller
