// Threads that answer requests.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace controller {

/// Makes a thread when all that there are work, up to `most`; then what comes waits.
class WorkerPool {
 public:
  /// Throws std::system_error where the system allows no more threads.
  using StartThread = std::function<std::thread(std::function<void()>)>;

  explicit WorkerPool(
      std::size_t most, StartThread start_thread =
                            [](std::function<void()> run) { return std::thread(std::move(run)); })
      : most_(most), start_thread_(std::move(start_thread)) {}
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool() { shut_down(); }

  /// `work` must not throw.
  void add(std::function<void()> work);

  /// How much of the work waits because all work.
  [[nodiscard]] std::size_t short_of();

  /// Does what waits, then ends the threads.  Take no more work afterwards.
  void shut_down();

 private:
  void add_thread();
  void run();

  const std::size_t most_;
  const StartThread start_thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  std::size_t free_ = 0;  // threads that wait for work, or begin to
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace controller
