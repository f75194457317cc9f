// One restore, one undo: what is live is replaced as a whole, and kept.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/capture/setting.h"
#include "controller/outage/outage.h"
#include "controller/restore/restore_plan.h"

namespace controller {

/// The stack did not run with what was put in place.  It is as it was before, unless the text says
/// otherwise.
class RolledBack : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct RestoreOptions {
  std::optional<std::chrono::seconds> stop_timeout;
  std::chrono::seconds keep{std::chrono::hours{72}};  // what was replaced; 0: not at all
  bool force = false;  // into volumes that are not the project's own and hold something
  // Asked when NoSpace is about to be thrown: whether the caller has made room and will restore
  // again.  Then hooks of on-failure do not run.
  std::function<bool()> make_room;
};

struct RestoreResult {
  std::map<std::string, double> downtime;  // by service, in seconds
  std::optional<RollbackPoint> point;      // what was replaced, kept
};

/// Verifies the snapshot's files, stages volumes beside the live ones and databases into new ones
/// while the stack runs, checks them, then stops what must stop, swaps, starts it again and awaits
/// its health.  Only then it counts: what was replaced becomes a rollback point.
///
/// On a throw before the swap nothing live was touched; on one after it everything that was swapped
/// has been swapped back, and the stopped containers have been asked to start.  Where even that
/// failed, the reporter was told where both states are, and the journal has the rest done by the
/// next replay().
RestoreResult restore(Setting& setting, const Manifest& manifest, RestorePlan plan,
                      const RestoreOptions& options, std::stop_token stop);

/// The same with what a rollback point kept: nothing is staged.  What it replaces becomes a
/// rollback point in its turn.
RestoreResult undo(Setting& setting, RestorePlan plan, const RestoreOptions& options,
                   std::stop_token stop);

}  // namespace controller
