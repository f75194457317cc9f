#include "controller/api/worker_pool.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace controller {

void WorkerPool::add(std::function<void()> work) {
  const std::scoped_lock lock(mutex_);
  waiting_.push_back(std::move(work));
  if (waiting_.size() > free_ && threads_.size() < most_) {
    add_thread();
  }
  changed_.notify_one();
}

std::size_t WorkerPool::short_of() {
  const std::scoped_lock lock(mutex_);
  return waiting_.size() - std::min(waiting_.size(), free_);
}

void WorkerPool::add_thread() {
  try {
    threads_.push_back(start_thread_([this] { run(); }));
    ++free_;
  } catch (const std::system_error&) {
    // There may be no more in this container now: the work waits for one that there is, or for the
    // next that is added.
  }
}

void WorkerPool::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    --free_;
    if (waiting_.empty()) {
      return;
    }
    const auto work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    lock.lock();
    ++free_;
  }
}

void WorkerPool::shut_down() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) {
    thread.join();
  }
  threads_.clear();
}

}  // namespace controller
