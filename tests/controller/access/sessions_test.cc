#include "controller/access/sessions.h"

#include <gmock/gmock.h>

#include "tests/controller/access/access_file_fixture.h"

namespace controller {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

class SessionsTest : public AccessFileTest {
 protected:
  Sessions sessions_{file_};
};

TEST_F(SessionsTest, LastsTwelveHoursWithoutUse) {
  const auto text = sessions_.begin("admin", "192.0.2.1", kNow).reveal();
  EXPECT_TRUE(sessions_.find(text, kNow + hours{11}));
  EXPECT_TRUE(sessions_.find(text, kNow + hours{11} + hours{12} - seconds{1}));
  EXPECT_FALSE(sessions_.find(text, kNow + hours{11} + hours{24} - seconds{1}));
}

TEST_F(SessionsTest, LastsSevenDaysHoweverMuchItIsUsed) {
  const auto text = sessions_.begin("admin", "192.0.2.1", kNow).reveal();
  auto now = kNow;
  for (; now < kNow + hours{7 * 24}; now += hours{1}) {
    ASSERT_TRUE(sessions_.find(text, now));
  }
  EXPECT_FALSE(sessions_.find(text, now));
  EXPECT_THAT(sessions_.all(now), IsEmpty());
}

TEST_F(SessionsTest, IsEndedByItsOwnUserOnly) {
  const auto text = sessions_.begin("admin", "192.0.2.1", kNow).reveal();
  sessions_.begin("other", "192.0.2.2", kNow);
  const auto id = sessions_.find(text, kNow)->id;
  EXPECT_FALSE(sessions_.end(id, "other"));
  EXPECT_TRUE(sessions_.find(text, kNow));
  EXPECT_TRUE(sessions_.end(id, "admin"));
  EXPECT_FALSE(sessions_.find(text, kNow));
  EXPECT_THAT(sessions_.all(kNow), ElementsAre(Field(&Session::user, "other")));
}

TEST_F(SessionsTest, IsNotFoundByItsId) {
  const auto text = sessions_.begin("admin", "192.0.2.1", kNow).reveal();
  EXPECT_FALSE(sessions_.find(sessions_.find(text, kNow)->id, kNow));
}

}  // namespace
}  // namespace controller
