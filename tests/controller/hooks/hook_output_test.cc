#include "controller/hooks/hook_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controller/capture/capture_fixture.h"

namespace controller {
namespace {

using dockerapi::Channel;
using Lines = std::vector<std::string>;

/// What reaches the log of these pieces of stdout.
Lines logged(const std::vector<std::string>& pieces, const std::vector<std::string>& secrets = {}) {
  KeptReport report;
  {
    HookOutput output(report, "app", secrets);
    for (const auto& piece : pieces) {
      output.add(Channel::Stdout, piece);
    }
  }
  return report.outputs;
}

TEST(HookOutput, ComesLineByLine) {
  EXPECT_EQ(logged({"on", "e\ntwo\n\nthr", "ee"}), (Lines{"app: one", "app: two", "app: three"}));
}

TEST(HookOutput, TakesACarriageReturnForANewLine) {
  EXPECT_EQ(logged({"10 %\r20 %\rdone\r\nnext\r\n"}),
            (Lines{"app: 10 %", "app: 20 %", "app: done", "app: next"}));
}

TEST(HookOutput, DoesNotMixTheTwoChannels) {
  KeptReport report;
  {
    HookOutput output(report, "app", {});
    output.add(Channel::Stdout, "out ");
    output.add(Channel::Stderr, "err\n");
    output.add(Channel::Stdout, "put\n");
  }

  EXPECT_EQ(report.outputs, (Lines{"app: err", "app: out put"}));
}

TEST(HookOutput, HidesSecretsEvenIfTheyComeInPieces) {
  EXPECT_EQ(logged({"the key is s3c", "ret-s3cret!\n"}, {"s3cret-s3cret"}),
            Lines{"app: the key is ***!"});
}

TEST(HookOutput, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(logged({"\x1B[31mred\tand\x07 \xFF \xC3\xA4\n"}),
            Lines{"app: \\x1B[31mred and\\x07 \\xFF \xC3\xA4"});
}

TEST(HookOutput, CutsLongLinesBetweenCharacters) {
  const auto lines = logged({std::string(1999, 'x') + "\xC3\xA4" + std::string(9000, 'y') + "\nz"});

  EXPECT_EQ(lines, (Lines{"app: " + std::string(1999, 'x') + " […]", "app: z"}));
}

// What is masked makes room for what is not, and of that the last may be half a secret.
TEST(HookOutput, ShowsNoHalfSecretsWhereItCuts) {
  const std::string secret(100, 's');
  std::string line;
  std::string masked;
  for (int i = 0; i < 70; ++i) {
    line += secret;
    masked += "***";
  }
  line += std::string(1150, '.') + secret;

  EXPECT_EQ(logged({line + "\n"}, {secret}),
            Lines{"app: " + masked + std::string(1092, '.') + " […]"});
}

TEST(HookOutput, HasAnEnd) {
  std::string endless;
  for (int line = 0; line < 5000; ++line) {
    endless += "y\n";
  }

  const auto lines = logged({endless});

  ASSERT_EQ(lines.size(), 1001U);
  EXPECT_EQ(lines[999], "app: y");
  EXPECT_EQ(lines[1000], "app: [further output is left out]");
}

}  // namespace
}  // namespace controller
