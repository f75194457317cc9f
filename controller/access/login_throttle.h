// How soon somebody who named a wrong password may try again.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace controller {

/// Counts failures for each account and for each source.  Five are free; then each doubles the
/// wait, from a second to a quarter of an hour.  Nobody is locked out for ever, and a success
/// forgets the account's failures, not the source's.  Kept in memory.  For several threads.
class LoginThrottle {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// An attempt that is about to be made.  Zero: it may be, and counts as a failure until
  /// succeeded() says otherwise, so that many at once gain nothing.  Else how long to wait.
  std::chrono::seconds begin(const std::string& account, const std::string& source, Time now);

  void succeeded(const std::string& account, const std::string& source);

 private:
  struct Failures {
    int count = 0;
    Time last;
  };

  static std::chrono::seconds wait_of(const Failures& failures, Time now);
  void forget_old(Time now);

  std::mutex mutex_;
  std::map<std::string, Failures> failures_;
};

}  // namespace controller
