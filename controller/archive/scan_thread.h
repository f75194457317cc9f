// A tree read ahead on a thread of its own.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "controller/archive/tree_scan.h"

namespace controller {

/// Runs a TreeScan a few batches ahead of whoever takes them.
class ScanThread {
 public:
  ScanThread(const ArchiveRequest& request, ProblemLog& problems);
  ScanThread(const ScanThread&) = delete;
  ScanThread& operator=(const ScanThread&) = delete;
  ~ScanThread();

  /// The next batch, valid until the next call; nullptr at the end.  Throws what the scan threw.
  ScanBatch* next();

 private:
  static constexpr std::size_t kBatches = 3;

  void scan();

  TreeScan scan_;
  std::vector<ScanBatch> batches_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::size_t filled_ = 0;  // batch n is batches_[n % kBatches]
  std::size_t taken_ = 0;
  bool holding_ = false;  // the taker still has batch taken_
  bool complete_ = false;
  bool stopped_ = false;
  std::exception_ptr error_;

  std::thread thread_;
};

}  // namespace controller
