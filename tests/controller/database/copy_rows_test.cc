#include "controller/database/copy_rows.h"

#include <gtest/gtest.h>

#include <string>

namespace controller {
namespace {

std::string passed(const std::string& text, std::size_t piece) {
  std::string out;
  CopyRows rows([&](std::string_view bytes) { out.append(bytes); });
  for (std::size_t at = 0; at < text.size(); at += piece) {
    EXPECT_FALSE(rows.ended());
    rows.feed(std::string_view(text).substr(at, piece));
  }
  EXPECT_TRUE(rows.ended());
  return out;
}

TEST(CopyRows, LeavesOutTheLineThatEndsThem) {
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) {
    EXPECT_EQ(passed("1\ta\n2\t\\N\n\\.\n", piece), "1\ta\n2\t\\N\n") << piece;
    EXPECT_EQ(passed("\\.\n", piece), "") << piece;
    EXPECT_EQ(passed("a\\\\.\n\\.\n", piece), "a\\\\.\n") << piece;
    EXPECT_EQ(passed("\n\\.\n", piece), "\n") << piece;
  }
}

TEST(CopyRows, PassesOnPiecesThatAreWorthIt) {
  std::string rows_text;
  for (int row = 0; row < 100'000; ++row) {
    rows_text += std::to_string(row) + "\tsome text\n";
  }
  std::size_t calls = 0;
  std::string out;
  CopyRows rows([&](std::string_view bytes) {
    ++calls;
    out.append(bytes);
  });
  for (std::size_t at = 0; at < rows_text.size(); at += 10) {
    rows.feed(std::string_view(rows_text).substr(at, 10));
  }
  rows.feed("\\.\n");
  EXPECT_EQ(out, rows_text);
  EXPECT_LT(calls, 10U);
}

}  // namespace
}  // namespace controller
