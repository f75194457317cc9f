#include "controller/cli/typed_interrupts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <ctime>
#include <string_view>

namespace controller {
namespace {

/// The signals of this test wait until it asks for them.
class TypedInterruptsTest : public testing::Test {
 protected:
  TypedInterruptsTest() {
    sigemptyset(&interrupt_);
    sigaddset(&interrupt_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &interrupt_, nullptr);
    EXPECT_EQ(::pipe(ends_.data()), 0);
    heed_typed_interrupts(ends_[0]);
  }
  ~TypedInterruptsTest() override {
    ::close(ends_[1]);  // the other end is the reader's, which ends now
    pthread_sigmask(SIG_UNBLOCK, &interrupt_, nullptr);
  }

  void type(std::string_view bytes) const {
    EXPECT_EQ(::write(ends_[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }

  [[nodiscard]] bool interrupted() const {
    constexpr timespec kLong = {30, 0};
    return sigtimedwait(&interrupt_, nullptr, &kLong) == SIGINT;
  }

 private:
  sigset_t interrupt_{};
  std::array<int, 2> ends_{};
};

TEST_F(TypedInterruptsTest, MakesASignalOfEachCtrlC) {
  type("\x03");
  EXPECT_TRUE(interrupted());

  type("nothing\x03");
  EXPECT_TRUE(interrupted());

  sigset_t pending;
  sigpending(&pending);
  EXPECT_FALSE(sigismember(&pending, SIGINT)) << "other bytes are none";
}

}  // namespace
}  // namespace controller
