// Answers that last, of which only so many go on at a time.
#pragma once

#include <memory>
#include <mutex>

namespace controller {

/// For several threads.  A seat may outlive it.
class Seats {
 public:
  explicit Seats(int most) : state_(std::make_shared<State>(most)) {}

  /// Kept for as long as it is needed; null: all are taken.
  std::shared_ptr<void> take() {
    const std::scoped_lock lock(state_->mutex);
    if (state_->left == 0) {
      return nullptr;
    }
    --state_->left;
    return {state_.get(), [state = state_](State*) {
              const std::scoped_lock giving(state->mutex);
              ++state->left;
            }};
  }

 private:
  struct State {
    explicit State(int most) : left(most) {}

    std::mutex mutex;
    int left;
  };
  std::shared_ptr<State> state_;
};

}  // namespace controller
