#include "controller/database/extension_version.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

TEST(ExtensionVersion, ComparesNumbersAsNumbers) {
  EXPECT_TRUE(is_older("1.9", "1.10"));
  EXPECT_FALSE(is_older("1.10", "1.9"));
  EXPECT_TRUE(is_older("3.3.2", "3.4.0"));
  EXPECT_TRUE(is_older("9.99", "10.0"));
  EXPECT_FALSE(is_older("1.07", "1.7"));
  EXPECT_FALSE(is_older("1.7", "1.07"));
}

TEST(ExtensionVersion, TakesMoreForNewer) {
  EXPECT_TRUE(is_older("1.2", "1.2.1"));
  EXPECT_FALSE(is_older("1.2.1", "1.2"));
  EXPECT_TRUE(is_older("3.4.2", "3.4.2dev1"));
  EXPECT_FALSE(is_older("1.2", "1.2"));
  EXPECT_FALSE(is_older("", ""));
  EXPECT_TRUE(is_older("", "1"));
}

TEST(ExtensionVersion, ComparesWordsAsTheyAre) {
  EXPECT_TRUE(is_older("1.0-alpha2", "1.0-beta1"));
  EXPECT_TRUE(is_older("1.0-alpha2", "1.0-alpha10"));
}

}  // namespace
}  // namespace controller
