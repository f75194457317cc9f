#include "controller/archive/exclusion.h"

#include <gtest/gtest.h>

#include <string>

namespace controller {
namespace {

bool excluded(const std::string& glob, const std::string& path) {
  return Exclusion({glob}).matches(path);
}

TEST(Exclusion, OfNothingMatchesNothing) {
  EXPECT_FALSE(Exclusion({}).matches("a"));
  EXPECT_FALSE(excluded("", "a"));
  EXPECT_FALSE(excluded("/", "a"));
}

TEST(Exclusion, MatchesWholePathsFromTheRoot) {
  EXPECT_TRUE(excluded("cache", "cache"));
  EXPECT_FALSE(excluded("cache", "a/cache"));
  EXPECT_FALSE(excluded("cache", "cache2"));
  EXPECT_FALSE(excluded("cache", "cache/a"));
  EXPECT_TRUE(excluded("a/b", "a/b"));
}

TEST(Exclusion, DoesNotMindSlashesAtTheEnds) {
  EXPECT_TRUE(excluded("/cache/", "cache"));
  EXPECT_TRUE(excluded("./cache", "cache"));
}

TEST(Exclusion, OfWhatIsInADirectoryKeepsTheDirectory) {
  EXPECT_FALSE(excluded("thumbnails/**", "thumbnails"));
  EXPECT_TRUE(excluded("thumbnails/**", "thumbnails/a"));
  EXPECT_TRUE(excluded("thumbnails/**", "thumbnails/a/b"));
  EXPECT_FALSE(excluded("thumbnails/**", "other/thumbnails/a"));
}

TEST(Exclusion, StaysWithinAComponentWithOneStar) {
  EXPECT_TRUE(excluded("*.tmp", "a.tmp"));
  EXPECT_TRUE(excluded("*.tmp", ".tmp"));
  EXPECT_FALSE(excluded("*.tmp", "a/b.tmp"));
  EXPECT_TRUE(excluded("a/*/c", "a/b/c"));
  EXPECT_FALSE(excluded("a/*/c", "a/b/b/c"));
  EXPECT_TRUE(excluded("l?g[0-9]", "log7"));
}

TEST(Exclusion, CrossesComponentsWithTwoStars) {
  EXPECT_TRUE(excluded("**/*.tmp", "a.tmp"));
  EXPECT_TRUE(excluded("**/*.tmp", "a/b/c.tmp"));
  EXPECT_FALSE(excluded("**/*.tmp", "a/b/c.txt"));
  EXPECT_TRUE(excluded("a/**/z", "a/z"));
  EXPECT_TRUE(excluded("a/**/z", "a/b/c/z"));
  EXPECT_TRUE(excluded("**/x/**/y", "1/x/2/x/3/y"));
  EXPECT_FALSE(excluded("**/x/**/y", "1/x/2/x/3"));
  EXPECT_TRUE(excluded("**", "anything/at/all"));
}

TEST(Exclusion, TakesNamesAsBytes) {
  EXPECT_TRUE(excluded("caf\xE9*", "caf\xE9-1"));
  EXPECT_TRUE(excluded("*", "\xFF\xFE"));
}

TEST(Exclusion, IsNotSlowOnAwkwardGlobs) {
  std::string glob;
  std::string path;
  for (int i = 0; i < 30; ++i) {
    glob += "**/a/";
    path += "a/";
  }
  EXPECT_FALSE(excluded(glob + "b", path + path + path + "c"));
}

}  // namespace
}  // namespace controller
