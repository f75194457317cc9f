// Serve's care for rollback points whose time is over.
#pragma once

#include <chrono>

#include "controller/cli/workplace.h"
#include "controller/reporter.h"

namespace controller {

/// Drops those that have expired and, where the store's disk is nearly full, the oldest one; ends
/// what somebody began to drop.  What cannot be dropped now (its database server may be down) is a
/// warning, and is tried again some minutes later.
class PointKeeper {
 public:
  /// For serve's loop.
  void look(Workplace& place, Reporter& reporter);

 private:
  std::chrono::steady_clock::time_point again_;
};

}  // namespace controller
