// Ctrl-C and `docker stop` as a stop token.
#pragma once

#include <stop_token>
#include <thread>

namespace controller {

/// SIGINT, SIGTERM and SIGHUP request a stop.  A SIGINT after that, which somebody has typed, ends
/// the process at once, and the journal is replayed by whoever starts next; the others may come
/// from several who want the same.  Make one before any other thread: it blocks the
/// signals for all of them.
class Signals {
 public:
  Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::thread waiter_;
};

}  // namespace controller
