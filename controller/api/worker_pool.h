// Threads that answer requests.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace controller {

/// Makes a thread when all that there are work, up to `most`; then what comes waits.
class WorkerPool {
 public:
  explicit WorkerPool(std::size_t most) : most_(most) {}
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool() { shut_down(); }

  /// `work` must not throw.
  void add(std::function<void()> work);

  /// Does what waits, then ends the threads.  Take no more work afterwards.
  void shut_down();

 private:
  void add_thread();
  void run();

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  std::size_t idle_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace controller
