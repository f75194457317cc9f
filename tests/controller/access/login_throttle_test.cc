#include "controller/access/login_throttle.h"

#include <gmock/gmock.h>

namespace controller {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class LoginThrottleTest : public testing::Test {
 protected:
  seconds attempt(const std::string& account, const std::string& source) {
    return throttle_.begin(account, source, now_);
  }

  LoginThrottle throttle_;
  LoginThrottle::Time now_{minutes{1000}};
};

TEST_F(LoginThrottleTest, FiveAreFreeThenEachDoublesTheWaitUpToAQuarterOfAnHour) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(attempt("admin", "a"), seconds{0});
  }
  for (const int wait : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900}) {
    EXPECT_EQ(attempt("admin", "a"), seconds{wait});
    now_ += seconds{wait};
    EXPECT_EQ(attempt("admin", "a"), seconds{0}) << wait;
  }
}

TEST_F(LoginThrottleTest, CountsAnAccountFromAllSourcesAndASourceForAllAccounts) {
  for (const char* source : {"a", "b", "c", "d", "e"}) {
    EXPECT_EQ(attempt("admin", source), seconds{0});
  }
  EXPECT_EQ(attempt("admin", "f"), seconds{1});
  EXPECT_EQ(attempt("other", "f"), seconds{0});
  for (const char* account : {"1", "2", "3", "4"}) {
    EXPECT_EQ(attempt(account, "a"), seconds{0});
  }
  EXPECT_EQ(attempt("5", "a"), seconds{1});
}

TEST_F(LoginThrottleTest, ASuccessForgetsTheAccountsFailuresAndNotTheSources) {
  for (int i = 0; i < 4; ++i) {
    attempt("admin", "a");
  }
  attempt("mine", "a");
  throttle_.succeeded("mine", "a");
  EXPECT_EQ(attempt("admin", "a"), seconds{0});
  EXPECT_EQ(attempt("mine", "a"), seconds{1});
  throttle_.succeeded("admin", "a");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(attempt("admin", "b"), seconds{0});
  }
}

TEST_F(LoginThrottleTest, ForgetsAfterAQuarterOfAnHour) {
  for (int i = 0; i < 5; ++i) {
    attempt("admin", "a");
  }
  now_ += minutes{15} + seconds{1};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(attempt("admin", "a"), seconds{0});
  }
  EXPECT_EQ(attempt("admin", "a"), seconds{1});
}

}  // namespace
}  // namespace controller
