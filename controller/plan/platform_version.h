// Which version of the application a stack runs.
#pragma once

#include <string>

#include "controller/plan/capture_plan.h"

namespace controller {

/// From the first service, by name, for which cofferdam.version is said.  If it is said for none:
/// the image tag that all services have in common, apart from databases and ourselves; `latest` is
/// no version.  Empty: unknown.  Throws PolicyError if the label or variable named does not exist.
std::string platform_version(const compose::Stack& stack, const Policy& policy,
                             const PlanRequest& request);

}  // namespace controller
