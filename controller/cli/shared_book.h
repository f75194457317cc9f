// The process's one job book.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>

#include "controller/jobs/job_book.h"

namespace controller {

/// Opened when it is first needed, since a full disk must not keep `serve` from starting; one for
/// all, since a process may have one object for its locks.  May be used from several threads.
class SharedBook {
 public:
  explicit SharedBook(std::filesystem::path file) : file_(std::move(file)) {}

  /// Throws JobBookError.
  JobBook& get() {
    const std::scoped_lock lock(mutex_);
    if (!book_) {
      book_.emplace(file_);
    }
    return *book_;
  }

 private:
  std::filesystem::path file_;
  std::mutex mutex_;
  std::optional<JobBook> book_;
};

}  // namespace controller
