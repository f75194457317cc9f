#include "controller/access/users.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "controller/access/sessions.h"
#include "tests/controller/access/access_file_fixture.h"

namespace controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr HashCost kCheap{1, std::size_t{1} << 20};

class UsersTest : public AccessFileTest {
 protected:
  Users users_{file_, kCheap};
};

TEST_F(UsersTest, KnowsAUserByNameAndPasswordOnly) {
  users_.put("admin", Secret("correct horse battery"), kNow);
  EXPECT_TRUE(users_.knows("admin", Secret("correct horse battery")));
  EXPECT_FALSE(users_.knows("admin", Secret("correct horse batterz")));
  EXPECT_FALSE(users_.knows("nobody", Secret("correct horse battery")));
  EXPECT_THAT(users_.all(), ElementsAre(AccessUser{"admin", kNow}));
}

TEST_F(UsersTest, AChangedPasswordEndsTheSessions) {
  users_.put("admin", Secret("correct horse battery"), kNow);
  Sessions sessions(file_);
  const auto text = sessions.begin("admin", "192.0.2.1", kNow);
  users_.put("admin", Secret("another good password"), kNow);
  EXPECT_FALSE(sessions.find(text.reveal(), kNow));
  EXPECT_FALSE(users_.knows("admin", Secret("correct horse battery")));
  EXPECT_TRUE(users_.knows("admin", Secret("another good password")));
}

TEST_F(UsersTest, ARemovedUserIsKnownNoMore) {
  users_.put("admin", Secret("correct horse battery"), kNow);
  const auto text = Sessions(file_).begin("admin", "192.0.2.1", kNow);
  EXPECT_TRUE(users_.remove("admin"));
  EXPECT_FALSE(users_.remove("admin"));
  EXPECT_FALSE(users_.knows("admin", Secret("correct horse battery")));
  EXPECT_FALSE(Sessions(file_).find(text.reveal(), kNow));
}

TEST_F(UsersTest, RefusesBadNamesAndShortPasswords) {
  const std::string longest(64, 'a');
  EXPECT_NO_THROW(users_.put(longest, Secret("twelve bytes"), kNow));
  for (const auto& name : {std::string(), longest + "a", std::string("a b"), std::string("ä")}) {
    EXPECT_THROW(users_.put(name, Secret("twelve bytes"), kNow), std::invalid_argument) << name;
  }
  EXPECT_THROW(users_.put("admin", Secret("elevenbytes"), kNow), std::invalid_argument);
  EXPECT_THROW(users_.put("admin", Secret(std::string(1025, 'a')), kNow), std::invalid_argument);
}

TEST_F(UsersTest, HashesAgainWhenTheCostHasRisen) {
  users_.put("admin", Secret("correct horse battery"), kNow);
  Users dearer(file_, {2, std::size_t{1} << 20});
  const auto hashes = [&] {
    std::ostringstream text;
    for (const char* ending : {"", "-wal"}) {
      text << std::ifstream(path().string() + ending).rdbuf();
    }
    return text.str();
  };
  EXPECT_THAT(hashes(), Not(HasSubstr("$m=1024,t=2,")));
  EXPECT_TRUE(dearer.knows("admin", Secret("correct horse battery")));
  EXPECT_THAT(hashes(), HasSubstr("$m=1024,t=2,"));
  EXPECT_THAT(hashes(), Not(HasSubstr("correct horse")));
  EXPECT_TRUE(dearer.knows("admin", Secret("correct horse battery")));
}

TEST_F(UsersTest, KeepsItsFileFromOthers) {
  struct stat status {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

}  // namespace
}  // namespace controller
