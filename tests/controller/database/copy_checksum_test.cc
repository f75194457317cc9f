#include "controller/database/copy_checksum.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

CopyTotals totals_of(std::string_view text) {
  CopyChecksum checksum;
  checksum.feed(text);
  return checksum.totals();
}

// In every manifest ever written: never change these values.
TEST(CopyChecksum, IsPartOfTheSnapshotFormat) {
  EXPECT_EQ(checksum_text(totals_of("1\tone\n").checksum), "a060db3bdb1012c6");
  EXPECT_EQ(checksum_text(totals_of("1\tone\n2\t\\N\n").checksum), "c5ea2ab5a96d470c");
  EXPECT_EQ(checksum_text(0), "0000000000000000");
}

TEST(CopyChecksum, DoesNotDependOnTheOrderOfRows) {
  EXPECT_EQ(totals_of("a\nb\nc\n"), totals_of("c\na\nb\n"));
  EXPECT_NE(totals_of("a\nb\nc\n"), totals_of("a\nb\nd\n"));
}

// With exclusive or, two equal rows would cancel each other.
TEST(CopyChecksum, CountsEqualRowsTwice) {
  EXPECT_NE(totals_of("a\na\nb\n").checksum, totals_of("c\nc\nb\n").checksum);
  EXPECT_NE(totals_of("a\na\n").checksum, 0U);
}

TEST(CopyChecksum, DoesNotDependOnThePieces) {
  const std::string text =
      "first\tline\n\nthird " + std::string(3000, 'x') + "\n\\\\.\n\\.x\n\\.\n";
  CopyChecksum whole;
  EXPECT_EQ(whole.feed(text), "");
  EXPECT_EQ(whole.totals().rows, 5U);
  EXPECT_TRUE(whole.ended());
  for (std::size_t piece = 1; piece < text.size(); ++piece) {
    CopyChecksum checksum;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      checksum.feed(std::string_view(text).substr(at, piece));
    }
    ASSERT_EQ(checksum.totals(), whole.totals()) << piece;
    EXPECT_TRUE(checksum.ended());
  }
}

TEST(CopyChecksum, GivesBackWhatFollowsTheEnd) {
  CopyChecksum checksum;
  EXPECT_EQ(checksum.feed("a\n\\.\n\n\nnext"), "\n\nnext");
  EXPECT_EQ(checksum.feed("more"), "more");
  checksum.reset();
  EXPECT_FALSE(checksum.ended());
  EXPECT_EQ(checksum.totals(), CopyTotals());
}

}  // namespace
}  // namespace controller
