// Which settings are made, and where; of secrets only whether they are.
#pragma once

#include <string>

#include "controller/cli/settings.h"

namespace controller {

/// An array of objects with name, origin ("default", "variable", "file"), secret, and value: what
/// was set, null where nothing was, or if it is a secret.  A file that cannot be read is a problem
/// that `serve` does not start with.
std::string settings_json(const Environment& environment);

}  // namespace controller
