// What must not be seen in what others may read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dockerapi/container.h"

namespace controller {

/// Values of the container's environment that are secret by their names (…PASSWORD…, …SECRET…,
/// …TOKEN…, …KEY… and the like) or as the password of a URL; of several lines each.  Longest
/// first. Shorter ones than six characters are left out: they would riddle every text.
std::vector<std::string> secrets_of(const dockerapi::Container& container);

/// `text` with *** for every one of `secrets`, which come longest first, and for every password in
/// a URL.
std::string masked(std::string_view text, const std::vector<std::string>& secrets);

}  // namespace controller
