#include "controller/cli/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/controller/archive/temporary_directory.h"

namespace controller {
namespace {

using testing::HasSubstr;

const std::vector<CompletedCommand> kCommands = {
    {"create", "Make a snapshot", {"--name", "--services"}, false},
    {"restore", "Put a snapshot's data in place", {"--yes"}, true},
};

/// What bash offers for the words; there is a `cofferdam` that lists two snapshots.
std::string offered(const std::string& words, int current) {
  const TemporaryDirectory directory;
  write_file(directory / "completion", completion_script("bash", kCommands));
  write_file(directory / "ask",
             "cofferdam() { test \"$*\" = 'list --quiet' && printf 'monday\\ntuesday\\n'; }\n"
             "source " +
                 (directory / "completion").string() +
                 "\n"
                 "COMP_WORDS=(" +
                 words + ") COMP_CWORD=" + std::to_string(current) +
                 "\n"
                 "_cofferdam; echo \"${COMPREPLY[*]}\"\n");
  return output_of("bash -eu " + (directory / "ask").string() + " 2>&1");
}

TEST(Completion, OffersCommandsToBash) {
  EXPECT_EQ(offered("cofferdam ''", 1), "create restore\n");
  EXPECT_EQ(offered("cofferdam re", 1), "restore\n");
}

TEST(Completion, OffersOptionsAndSnapshotsToBash) {
  EXPECT_EQ(offered("cofferdam create --", 2), "--name --services\n");
  EXPECT_EQ(offered("cofferdam restore ''", 2), "--yes monday tuesday\n");
  EXPECT_EQ(offered("cofferdam restore t", 2), "tuesday\n");
}

// An apostrophe in a command's help would end the quotes it stands in.
TEST(Completion, QuotesTheHelp) {
  EXPECT_THAT(completion_script("zsh", kCommands),
              HasSubstr("'restore:Put a snapshot'\\''s data in place'\n"));
  EXPECT_THAT(completion_script("fish", kCommands),
              HasSubstr("-a restore -d 'Put a snapshot'\\''s data in place'\n"));
}

/// What the docker CLI is told; there are two snapshots.
std::string offered_to_docker(const std::vector<std::string>& typed) {
  return offered_words(kCommands, typed, [] {
    return std::vector<std::string>{"monday", "tuesday"};
  });
}

TEST(Completion, OffersCommandsToDocker) {
  EXPECT_EQ(offered_to_docker({"cr"}), "create\tMake a snapshot\n:4\n");
  EXPECT_EQ(offered_to_docker({""}),
            "create\tMake a snapshot\nrestore\tPut a snapshot's data in place\n:4\n");
}

TEST(Completion, OffersOptionsAndSnapshotsToDocker) {
  EXPECT_EQ(offered_to_docker({"create", "--"}), "--name\n--services\n:4\n");
  EXPECT_EQ(offered_to_docker({"restore", "mo"}), "monday\n:4\n");
  EXPECT_EQ(offered_to_docker({"nonsense", ""}), ":4\n");
}

TEST(Completion, KnowsThreeShells) {
  EXPECT_THROW(completion_script("tcsh", kCommands), std::invalid_argument);
}

}  // namespace
}  // namespace controller
