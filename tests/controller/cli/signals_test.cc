#include "controller/cli/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

namespace controller {
namespace {

constexpr int kEndedByCtrlC = 128 + SIGINT;

/// Asks this process to end, asks again with `signal`, and then types Ctrl-C.  A thread takes what
/// was sent to it before what was sent to its process, so the order is sure.
void be_asked_again(int signal) {
  const Signals signals;
  const std::stop_callback ending(signals.token(), [signal] {
    // On the thread that waits for signals, which takes none meanwhile.
    ::pthread_kill(::pthread_self(), signal);
    ::kill(::getpid(), SIGINT);
  });
  ::kill(::getpid(), SIGTERM);
  for (;;) {
    ::pause();
  }
}

TEST(SignalsDeathTest, ASecondRequestDoesNotEndTheProcessWhileItEndsInOrder) {
  EXPECT_EXIT(be_asked_again(SIGTERM), testing::ExitedWithCode(kEndedByCtrlC), "");
  EXPECT_EXIT(be_asked_again(SIGHUP), testing::ExitedWithCode(kEndedByCtrlC), "");
}

}  // namespace
}  // namespace controller
