#include "controller/access/scope.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace controller {
namespace {

TEST(ScopeTest, IsReadAndWrittenAsAList) {
  EXPECT_EQ(parse_scopes("restore,read"), (Scopes{Scope::Read, Scope::Restore}));
  EXPECT_EQ(to_string(Scopes{Scope::Read, Scope::Restore}), "read,restore");
  for (const char* bad : {"", "write", "read,", "read,,admin", "Read"}) {
    EXPECT_THROW(parse_scopes(bad), std::invalid_argument) << bad;
  }
}

TEST(ScopeTest, AdminMayDoEverythingAndOthersOnlyWhatTheyHave) {
  for (const auto needed : {Scope::Read, Scope::Backup, Scope::Restore, Scope::Admin}) {
    EXPECT_TRUE(allows({Scope::Admin}, needed));
  }
  EXPECT_TRUE(allows({Scope::Backup}, Scope::Read));
  EXPECT_FALSE(allows({Scope::Backup}, Scope::Restore));
  EXPECT_FALSE(allows({Scope::Backup, Scope::Restore}, Scope::Admin));
  EXPECT_FALSE(allows({Scope::Read}, Scope::Backup));
}

}  // namespace
}  // namespace controller
