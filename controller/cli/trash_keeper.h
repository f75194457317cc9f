// Serve's care for what retention dropped.
#pragma once

#include <chrono>

#include "controller/cli/workplace.h"
#include "controller/reporter.h"

namespace controller {

/// Removes for good what retention dropped, once its grace is over.  What cannot be removed now is
/// a warning, and is tried again some minutes later; at the next look if somebody works.
class TrashKeeper {
 public:
  /// For serve's loop.
  void look(Workplace& place, Reporter& reporter);

 private:
  std::chrono::steady_clock::time_point again_;
};

}  // namespace controller
