// Containers that were stopped or paused come back as they were.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "controller/clock.h"
#include "controller/plan/capture_plan.h"
#include "dockerapi/engine.h"

namespace controller {

/// A container that did not come back as it was.
struct StartFailure {
  std::string container;
  std::string service;
  std::string text;

  friend bool operator==(const StartFailure&, const StartFailure&) = default;
};

struct BringBackOptions {
  // How long to go on trying while the engine does not answer.
  std::chrono::milliseconds engine_patience{60'000};
  bool restore_restart_policy = false;
  // Told of each container that is back (or paused again, or was not down at all).
  std::function<void(const PlannedStop&)> back = [](const PlannedStop&) {};
};

/// Brings back `stops`, lower levels first, those of one level at the same time; a level waits
/// until those of it with await_healthy are healthy.  A container is found by its id, else by
/// project, service and number.  Tries all of them even if some fail; returns those that did.
std::vector<StartFailure> bring_back(dockerapi::Engine& engine, Clock& clock,
                                     const std::vector<PlannedStop>& stops,
                                     const BringBackOptions& options);

}  // namespace controller
