// Which containers go down for a copy, in which order, and why.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/plan/selection.h"

namespace controller {

struct StopSet {
  std::vector<PlannedStop> stops;                               // in the order they stop
  std::map<std::string, std::vector<std::string>> only_paused;  // by volume key: container names
  std::vector<std::string> warnings;
};

/// Throws PlanRefusal where a consistent copy would need what must not be done: stopping ourselves,
/// a database that is dumped, or a task of a Swarm.
StopSet stop_set(const compose::Stack& stack, const Selection& selection);

}  // namespace controller
