// Who needs whom, of all projects on an engine.
#pragma once

#include "compose/stack.h"

namespace compose {

/// Fills stack.dependencies from depends_on labels and from namespaces and volumes_from of all
/// containers in `stack`, one edge for each pair, and notes what is odd in stack.observations.
void read_dependencies(Stack& stack);

}  // namespace compose
