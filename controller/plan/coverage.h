// What nothing protects.
#pragma once

#include <vector>

#include "controller/plan/selection.h"

namespace controller {

/// Every volume, bind mount and tmpfs of the project that the selection does not capture, each
/// with the reason.
std::vector<Unprotected> unprotected(const compose::Stack& stack, const Selection& selection);

}  // namespace controller
