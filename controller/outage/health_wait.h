// How long a container's health check may take to pass.
#pragma once

#include <chrono>

#include "dockerapi/container.h"

namespace controller {

/// As long as Compose waits: the whole start period, every retry, and some slack.  Zero without a
/// health check.
std::chrono::milliseconds health_patience(const dockerapi::Container& container);

}  // namespace controller
