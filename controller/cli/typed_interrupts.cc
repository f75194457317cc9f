#include "controller/cli/typed_interrupts.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <thread>

namespace controller {

namespace {

constexpr char kInterrupt = '\x03';

void read_to_the_end(int input) {
  std::array<char, 64> bytes{};
  for (;;) {
    const auto got = ::read(input, bytes.data(), bytes.size());
    if (got == 0 || (got < 0 && errno != EINTR)) {
      return;
    }
    for (ssize_t at = 0; at < got; ++at) {
      if (bytes.at(static_cast<std::size_t>(at)) == kInterrupt) {
        ::kill(::getpid(), SIGINT);
      }
    }
  }
}

}  // namespace

void heed_typed_interrupts(int input) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  // Nobody can wait for it: it reads for as long as somebody might type.
  std::thread(read_to_the_end, input).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace controller
