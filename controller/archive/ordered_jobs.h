// Work handed to threads, in order where order counts.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace controller {

/// Jobs with the same key run one after the other, in the order they were given; others side by
/// side.  After the first that throws none is begun any more.  What waits is bounded, in number and
/// in bytes.  Used by one thread.
class OrderedJobs {
 public:
  using Job = std::function<void()>;

  explicit OrderedJobs(unsigned threads);
  OrderedJobs(const OrderedJobs&) = delete;
  OrderedJobs& operator=(const OrderedJobs&) = delete;

  /// Waits for the jobs that have begun; those that have not are dropped.
  ~OrderedJobs();

  /// Waits while too much waits already.  `bytes` is what the job holds in memory.  Throws what a
  /// job has thrown.
  void add(std::uint64_t key, std::size_t bytes, Job job);

  /// Returns when all of them have been done.  Throws what a job has thrown.
  void drain();

 private:
  struct Lane {
    std::deque<std::pair<std::size_t, Job>> waiting;
    std::size_t bytes = 0;  // held by those that wait or run
    std::size_t undone = 0;
    std::condition_variable given;
    std::thread thread;
  };

  void run(Lane& lane);
  void wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& done);

  std::mutex mutex_;              // guards all below but the threads
  std::condition_variable done_;  // for the one who gives them
  std::exception_ptr failure_;
  bool ended_ = false;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace controller
