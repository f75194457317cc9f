// The volumes and bind mounts of a project, each with everybody who mounts it.
#pragma once

#include <vector>

#include "compose/stack.h"

namespace compose {

/// Volumes that carry the project's label or are mounted by one of its containers, and its bind
/// mounts; by key.  The services and others of `stack` must be there already.
std::vector<StackVolume> read_volumes(const Stack& stack, const Observation& seen);

}  // namespace compose
