#include "controller/cli/signals.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace controller {

namespace {

constexpr int kWakeUp = SIGUSR1;  // from our own destructor

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, kWakeUp}) {
    sigaddset(&set, signal);
  }
  return set;
}

}  // namespace

Signals::Signals() {
  // Written to a closed pipe or socket, an error code is all we want.
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiter_ = std::thread([this, set] {
    int signal = 0;
    while (sigwait(&set, &signal) == 0 && signal != kWakeUp) {
      if (source_.stop_requested() && signal == SIGINT) {
        _exit(128 + signal);
      }
      source_.request_stop();
    }
  });
}

Signals::~Signals() {
  pthread_kill(waiter_.native_handle(), kWakeUp);
  waiter_.join();
}

}  // namespace controller
