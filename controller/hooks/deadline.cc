#include "controller/hooks/deadline.h"

#include <utility>

namespace controller {

Deadline::Deadline(std::chrono::milliseconds timeout, std::stop_token stop,
                   std::function<void(Deadline&)> act)
    : act_(std::move(act)),
      thread_([this, timeout, stop = std::move(stop)] { watch(timeout, stop); }) {}

void Deadline::watch(std::chrono::milliseconds timeout, const std::stop_token& stop) {
  {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, stop, timeout, [this] { return ended_; })) {
      return;
    }
    verdict_ = stop.stop_requested() ? Verdict::Cancelled : Verdict::TimedOut;
  }
  act_(*this);
}

bool Deadline::ended_within(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] { return ended_; });
}

Deadline::Verdict Deadline::end() {
  {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
  return verdict_;
}

}  // namespace controller
