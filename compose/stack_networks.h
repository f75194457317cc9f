// The networks of a project.
#pragma once

#include <vector>

#include "compose/stack.h"

namespace compose {

/// Networks that carry the project's label or that one of its containers is connected to, by key.
/// The services of `stack` must be there already.
std::vector<StackNetwork> read_networks(const Stack& stack, const Observation& seen);

}  // namespace compose
