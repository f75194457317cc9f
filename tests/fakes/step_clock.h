// A clock that moves only when somebody sleeps.
#pragma once

#include <functional>
#include <mutex>

#include "controller/clock.h"

namespace fakes {

class StepClock : public controller::Clock {
 public:
  [[nodiscard]] std::chrono::system_clock::time_point now() const override {
    const std::scoped_lock lock(mutex_);
    return std::chrono::system_clock::time_point(std::chrono::seconds(1'800'000'000)) + passed_;
  }

  [[nodiscard]] std::chrono::steady_clock::time_point steady() const override {
    const std::scoped_lock lock(mutex_);
    return std::chrono::steady_clock::time_point(passed_);
  }

  void sleep(std::chrono::milliseconds duration) override {
    {
      const std::scoped_lock lock(mutex_);
      passed_ += duration;
    }
    asleep();
  }

  /// What happens in the world while somebody sleeps.
  std::function<void()> asleep = [] {};

 private:
  mutable std::mutex mutex_;
  std::chrono::milliseconds passed_{0};
};

}  // namespace fakes
