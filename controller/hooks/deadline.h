// Time that runs out while somebody waits for something else.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace controller {

/// Acts once, on a thread of its own, when the time is up or a stop is requested, unless what is
/// waited for has ended before.
class Deadline {
 public:
  enum class Verdict { InTime, TimedOut, Cancelled };

  /// `act` must not throw.
  Deadline(std::chrono::milliseconds timeout, std::stop_token stop,
           std::function<void(Deadline&)> act);
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() { end(); }

  /// What is waited for has ended.  Waits for `act` if that has begun.
  Verdict end();

  /// For `act`: waits so long; true if what is waited for has ended.
  bool ended_within(std::chrono::milliseconds patience);

 private:
  void watch(std::chrono::milliseconds timeout, const std::stop_token& stop);

  std::function<void(Deadline&)> act_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool ended_ = false;
  Verdict verdict_ = Verdict::InTime;
  std::thread thread_;
};

}  // namespace controller
