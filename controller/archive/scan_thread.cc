#include "controller/archive/scan_thread.h"

#include <utility>

namespace controller {

ScanThread::ScanThread(const ArchiveRequest& request, ProblemLog& problems)
    : scan_(request, problems), batches_(kBatches), thread_([this] { scan(); }) {}

ScanThread::~ScanThread() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ScanThread::scan() {
  try {
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopped_ || filled_ - taken_ < kBatches; });
        if (stopped_) {
          return;
        }
      }
      const bool more = scan_.fill(batches_[filled_ % kBatches]);
      const std::lock_guard lock(mutex_);
      complete_ = !more;
      filled_ += more ? 1 : 0;
      changed_.notify_all();
      if (complete_) {
        return;
      }
    }
  } catch (...) {  // rethrown by next()
    const std::lock_guard lock(mutex_);
    error_ = std::current_exception();
    changed_.notify_all();
  }
}

ScanBatch* ScanThread::next() {
  std::unique_lock lock(mutex_);
  if (std::exchange(holding_, false)) {
    ++taken_;
    changed_.notify_all();
  }
  changed_.wait(lock, [this] { return taken_ < filled_ || complete_ || error_; });
  if (error_) {
    std::rethrow_exception(error_);
  }
  if (taken_ == filled_) {
    return nullptr;
  }
  holding_ = true;
  return &batches_[taken_ % kBatches];
}

}  // namespace controller
