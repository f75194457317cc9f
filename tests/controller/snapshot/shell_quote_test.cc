#include "controller/snapshot/shell_quote.h"

#include <gtest/gtest.h>

#include "tests/controller/archive/temporary_directory.h"

namespace controller {
namespace {

/// What bash makes of the word.
std::string as_bash_reads(const std::string& word, const TemporaryDirectory& directory) {
  write_file(directory / "script", "printf %s " + word + "\n");
  return output_of("bash " + (directory / "script").string());
}

TEST(ShellQuote, LeavesPlainWordsReadable) {
  EXPECT_EQ(shell_quoted("volumes/redis.tar.zst"), "volumes/redis.tar.zst");
  EXPECT_EQ(shell_quoted("--label=a=b"), "--label=a=b");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("two words"), "'two words'");
  EXPECT_EQ(shell_quoted("caf\xC3\xA9"), "'caf\xC3\xA9'");
}

TEST(ShellQuote, MeansTheSameBytesToBash) {
  const TemporaryDirectory directory;
  for (int byte = 1; byte < 256; ++byte) {
    const std::string bytes = std::string("a") + static_cast<char>(byte) + "7";

    EXPECT_EQ(as_bash_reads(shell_quoted(bytes), directory), bytes) << byte;
  }
  for (const std::string bytes :
       {"$(touch pwned)", "`id`", "it's", "''", "\\", "\\n", "!x", "~", "a\nb\xFF'$HOME\"",
        "\xC2\x9B"
        "31m"}) {
    EXPECT_EQ(as_bash_reads(shell_quoted(bytes), directory), bytes);
  }
}

TEST(ShellQuote, NeverPutsAControlCharacterOnTheScreen) {
  for (const std::string bytes : {"\n", "a\x1B[31m", "\x7F",
                                  "\xC2\x9B"
                                  "31m",
                                  "\xFF"}) {
    const auto word = shell_quoted(bytes);

    EXPECT_TRUE(word.starts_with("$'\\") || word.starts_with("$'a\\")) << word;
    EXPECT_EQ(one_line(word), word);
  }
}

TEST(Escaped, KeepsWhatCanBeShownAndNamesTheRest) {
  EXPECT_EQ(escaped("caf\xC3\xA9 \x1B[31m\n\x7F\xFF\xC2\x9B"),
            "caf\xC3\xA9 \\x1B[31m\\x0A\\x7F\\xFF\\xC2\\x9B");
}

}  // namespace
}  // namespace controller
