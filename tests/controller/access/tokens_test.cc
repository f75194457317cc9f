#include "controller/access/tokens.h"

#include <gmock/gmock.h>

#include "tests/controller/access/access_file_fixture.h"

namespace controller {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::Field;
using testing::StartsWith;

class TokensTest : public AccessFileTest {
 protected:
  Tokens tokens_{file_};
};

TEST_F(TokensTest, FindsATokenByItsTextUntilItIsRevoked) {
  const auto made = tokens_.make("ci", {Scope::Backup}, kNow);
  EXPECT_THAT(made.text.reveal(), StartsWith("cofferdam_"));
  const auto found = tokens_.find(made.text.reveal(), kNow);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, made.token.id);
  EXPECT_EQ(found->scopes, Scopes{Scope::Backup});
  EXPECT_FALSE(tokens_.find(made.text.reveal() + "x", kNow));
  EXPECT_FALSE(tokens_.find(made.token.id, kNow));
  EXPECT_TRUE(tokens_.revoke(made.token.id));
  EXPECT_FALSE(tokens_.revoke(made.token.id));
  EXPECT_FALSE(tokens_.find(made.text.reveal(), kNow));
}

TEST_F(TokensTest, NotesWhenATokenWasUsedOnceAMinute) {
  const auto made = tokens_.make("ci", {Scope::Read}, kNow);
  EXPECT_EQ(tokens_.all().front().used_at, std::nullopt);
  tokens_.find(made.text.reveal(), kNow + seconds{10});
  tokens_.find(made.text.reveal(), kNow + seconds{69});
  EXPECT_EQ(tokens_.all().front().used_at, kNow + seconds{10});
  tokens_.find(made.text.reveal(), kNow + seconds{70});
  EXPECT_EQ(tokens_.all().front().used_at, kNow + seconds{70});
}

TEST_F(TokensTest, ListsThemOldestFirst) {
  const auto first = tokens_.make("one", {Scope::Read}, kNow);
  const auto second = tokens_.make("one", {Scope::Admin}, kNow);
  EXPECT_THAT(tokens_.all(), ElementsAre(first.token, second.token));
  EXPECT_NE(first.text.reveal(), second.text.reveal());
}

TEST_F(TokensTest, RefusesNamesThatNobodyCanRead) {
  for (const auto& name : {std::string(), std::string(65, 'a'), std::string("a\nb")}) {
    EXPECT_THROW(tokens_.make(name, {Scope::Read}, kNow), std::invalid_argument);
  }
}

}  // namespace
}  // namespace controller
