// Whether the stack runs with what was put in place.
#pragma once

#include <vector>

#include "controller/clock.h"
#include "controller/outage/bring_back.h"
#include "controller/plan/capture_plan.h"
#include "dockerapi/engine.h"

namespace controller {

/// Containers without a health check that did not stay up for a second after they were started:
/// they ended with an error, or keep restarting.  One that ended well has done its work.
std::vector<StartFailure> not_staying_up(dockerapi::Engine& engine, Clock& clock,
                                         const std::vector<PlannedStop>& started);

}  // namespace controller
