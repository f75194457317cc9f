#include "controller/agent/protocol.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <variant>

namespace controller {
namespace {

// Every byte value, a valid name, a truncated sequence, an overlong one, a surrogate and a percent.
std::string awkward_name() {
  std::string name = "caf\xC3\xA9 \xF0\x9F\x90\x8B \xC3 \xC0\xAF \xED\xA0\x80 100%25\n\"\\";
  for (int byte = 1; byte < 256; ++byte) {
    name += static_cast<char>(byte);
  }
  return name;
}

template <typename Kind>
Kind round_trip(const Kind& message) {
  const std::string line = to_line(Message{message});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  return std::get<Kind>(message_from(line));
}

const ArtifactDigest kDigest{7, 5, "00ff"};

TEST(Protocol, CarriesACaptureJob) {
  const CaptureJob job{
      "job-1",
      "/store",
      {Compression::Method::Gzip, 9},
      {{"volume:a", awkward_name(), "/store/a.tar.gz", {"cache/**"}, Liveness::Live}},
      {{"/src/compose.yml", "/store/compose.yml"}}};

  const CaptureJob read = capture_job_from(to_line(job));

  EXPECT_EQ(read.job, "job-1");
  EXPECT_EQ(read.store, "/store");
  EXPECT_EQ(read.compression, job.compression);
  ASSERT_EQ(read.trees.size(), 1U);
  EXPECT_EQ(read.trees[0].id, "volume:a");
  EXPECT_EQ(read.trees[0].root, awkward_name());
  EXPECT_EQ(read.trees[0].artifact, "/store/a.tar.gz");
  EXPECT_EQ(read.trees[0].exclude, job.trees[0].exclude);
  EXPECT_EQ(read.trees[0].liveness, Liveness::Live);
  ASSERT_EQ(read.files.size(), 1U);
  EXPECT_EQ(read.files[0].source, "/src/compose.yml");
  EXPECT_EQ(read.files[0].artifact, "/store/compose.yml");
}

TEST(Protocol, CarriesARestoreJob) {
  const RestoreJob job{"job-2",
                       {{"volume:a", "/store/a.tar.zst", kDigest, 3, 4, SwapMethod::InPlace,
                         "/vol/_data", "/vol/_data.new"}}};

  const RestoreJob read = restore_job_from(to_line(job));

  EXPECT_EQ(read.job, "job-2");
  ASSERT_EQ(read.trees.size(), 1U);
  EXPECT_EQ(read.trees[0].id, "volume:a");
  EXPECT_EQ(read.trees[0].artifact, "/store/a.tar.zst");
  EXPECT_EQ(read.trees[0].digest, kDigest);
  EXPECT_EQ(read.trees[0].entries, 3U);
  EXPECT_EQ(read.trees[0].content_bytes, 4U);
  EXPECT_EQ(read.trees[0].method, SwapMethod::InPlace);
  EXPECT_EQ(read.trees[0].live, "/vol/_data");
  EXPECT_EQ(read.trees[0].staging, "/vol/_data.new");
}

TEST(Protocol, CarriesACommand) {
  const Command read = command_from(to_line(Command{"stage", {"volume:a", awkward_name()}}));

  EXPECT_EQ(read.name, "stage");
  EXPECT_EQ(read.trees, (std::vector<std::string>{"volume:a", awkward_name()}));
}

TEST(Protocol, CarriesEveryMessage) {
  round_trip(ReadyMessage{});
  const auto progress = round_trip(ProgressMessage{"t", {1, 1ULL << 63U, 3}});
  EXPECT_EQ(progress.progress.entries, 1U);
  EXPECT_EQ(progress.progress.bytes, 1ULL << 63U);
  EXPECT_EQ(progress.progress.stored_bytes, 3U);
  const auto measure = round_trip(MeasureMessage{"t", {4, 5, true}});
  EXPECT_EQ(measure.size.entries, 4U);
  EXPECT_EQ(measure.size.bytes, 5U);
  EXPECT_TRUE(measure.size.has_postgres_cluster);
  const auto free = round_trip(FreeSpaceMessage{"t", 6, 7});
  EXPECT_EQ(free.bytes, 6U);
  EXPECT_EQ(free.inodes, 7U);
  const auto tree = round_trip(TreeMessage{"t", {8, 9, kDigest, {}}});
  EXPECT_EQ(tree.tree, "t");
  EXPECT_EQ(tree.summary, (ArchiveSummary{8, 9, kDigest, {}}));
  const auto file = round_trip(FileMessage{{"a", "b"}, true, kDigest});
  EXPECT_EQ(file.file.source, "a");
  EXPECT_EQ(file.file.artifact, "b");
  EXPECT_TRUE(file.present);
  EXPECT_EQ(file.digest, kDigest);
  EXPECT_EQ(round_trip(DoneMessage{"capture"}).command, "capture");
  for (const auto kind : {FailedMessage::Kind::Failed, FailedMessage::Kind::NoSpace,
                          FailedMessage::Kind::Integrity, FailedMessage::Kind::Interrupted}) {
    const auto failed = round_trip(FailedMessage{"capture", "t", kind, "why"});
    EXPECT_EQ(failed.command, "capture");
    EXPECT_EQ(failed.tree, "t");
    EXPECT_EQ(failed.kind, kind);
    EXPECT_EQ(failed.text, "why");
  }
}

TEST(Protocol, KeepsNamesThatAreNotUtf8) {
  const auto read = round_trip(WarningMessage{"t", {awkward_name(), "vanished"}});

  EXPECT_EQ(read.warning.path, awkward_name());
  EXPECT_EQ(read.warning.text, "vanished");
}

TEST(Protocol, LeavesReadableNamesReadable) {
  EXPECT_NE(to_line(Message{WarningMessage{"t", {"caf\xC3\xA9", "x"}}}).find("caf\xC3\xA9"),
            std::string::npos);
}

TEST(Protocol, RefusesLinesThatAreNoneOfTheirs) {
  for (const std::string line :
       {"", "hello", "{}", "[]", R"({"type":"nonsense"})", R"({"type":"progress","tree":"a"})",
        R"({"type":"done","command":"%Z1"})", R"({"type":"done","command":"%4"})",
        R"({"type":"failed","command":"a","tree":"","kind":"bad","text":""})"}) {
    EXPECT_THROW(message_from(line), std::invalid_argument) << line;
  }
  EXPECT_THROW(capture_job_from(to_line(RestoreJob{"j", {}})), std::invalid_argument);
  EXPECT_THROW(restore_job_from(to_line(Command{"finish", {}})), std::invalid_argument);
  EXPECT_THROW(command_from(to_line(Message{ReadyMessage{}})), std::invalid_argument);
}

TEST(Protocol, QuotesTheStartOfARefusedLine) {
  try {
    message_from("panic: \xFF everything " + std::string(1000, 'x'));
    FAIL();
  } catch (const std::invalid_argument& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("\"panic: %FF everything xxx"), std::string::npos);
    EXPECT_LT(text.size(), 400U);
  }
}

}  // namespace
}  // namespace controller
