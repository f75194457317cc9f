// Whom to part with when every worker is busy.
#pragma once

#include <chrono>
#include <mutex>
#include <set>
#include <utility>

namespace controller {

/// The connections whose client has been waited for.  A client that sends its request at once is
/// hardly ever here; one that holds a worker by sending little is here nearly always.  May be used
/// from several threads at once.
class SlowClients {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// While it lives, the connection may be broken off: both its directions are shut down then, so
  /// that whoever waits for it goes on.
  class Wait {
   public:
    /// `socket` has to be open for as long as it lives; `since` is when the connection began.
    Wait(SlowClients& clients, int socket, Time since);
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait();

   private:
    SlowClients& clients_;
    const std::pair<Time, int> key_;
  };

  /// Breaks off the oldest of those that are waited for, if there is one.
  void drop_oldest();

  /// Breaks off all that are waited for and all that come.
  void end();

 private:
  std::mutex mutex_;
  std::set<std::pair<Time, int>> waited_for_;  // since when, and the socket
  bool ending_ = false;
};

}  // namespace controller
