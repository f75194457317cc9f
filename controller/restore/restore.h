// One restore: a snapshot's data takes the place of the live data.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/capture/setting.h"
#include "controller/outage/outage.h"
#include "controller/restore/restore_plan.h"

namespace controller {

struct RestoreOptions {
  std::optional<std::chrono::seconds> stop_timeout;
  unsigned threads = 2;
};

struct RestoreResult {
  std::vector<StartFailure> not_back;
  std::map<std::string, double> downtime;  // by service
  std::vector<std::string> warnings;
};

/// Verifies the snapshot's files, stages volumes beside the live ones and databases into new ones
/// while the stack runs, checks them, then stops what must stop, swaps, and starts it again.
///
/// On a throw before the swap nothing live was touched; on one after it everything that was swapped
/// has been swapped back (but for volumes that can only be replaced in place, which the error
/// names), and the stopped containers have been asked to start.
RestoreResult restore(Setting& setting, const Manifest& manifest, RestorePlan plan,
                      const RestoreOptions& options, std::stop_token stop);

}  // namespace controller
