// When to say how far a tree has come.
#pragma once

#include <chrono>
#include <functional>

#include "controller/archive/volume_archive.h"

namespace controller {

/// Passes progress on at most four times a second.
class ProgressClock {
 public:
  using Report = std::function<void(const ArchiveProgress&)>;

  /// `report` may be empty and must outlive this.
  explicit ProgressClock(const Report& report) : report_(report) {}

  /// Passes it on if the last time is long enough ago.
  void tick(const ArchiveProgress& progress) {
    const auto now = std::chrono::steady_clock::now();
    if (report_ && now - last_ >= std::chrono::milliseconds(250)) {
      last_ = now;
      report_(progress);
    }
  }

  /// Passes it on in any case.
  void end(const ArchiveProgress& progress) const {
    if (report_) {
      report_(progress);
    }
  }

 private:
  const Report& report_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace controller
