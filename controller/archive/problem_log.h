// What went wrong with single entries of a tree.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "controller/archive/volume_archive.h"

namespace controller {

/// What is not as it should be, collected or thrown.  Any thread.
class ProblemLog {
 public:
  explicit ProblemLog(Liveness liveness) : liveness_(liveness) {}

  /// An entry did not stay as it was: a warning of a live tree; of a still one it throws
  /// std::runtime_error.
  void changed(const std::string& path, const std::string& text);

  /// A warning either way.
  void note(const std::string& path, const std::string& text);

  /// All warnings; beyond a thousand only how many more there were.
  std::vector<ArchiveWarning> take();

 private:
  Liveness liveness_;
  std::mutex mutex_;
  std::vector<ArchiveWarning> warnings_;
  std::size_t more_ = 0;
};

}  // namespace controller
