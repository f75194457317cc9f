// RECOVERY.txt: how to restore one snapshot by hand, with stock tools and its real names.
#pragma once

#include <string>

#include "controller/snapshot/manifest.h"

namespace controller {

std::string recovery_text(const Manifest& manifest);

}  // namespace controller
