// Notifications by libcurl.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controller/notify/courier.h"

namespace controller {

/// For one thread at a time.  Redirects are not followed; a risky address is connected to only if
/// the host of the target's URL is one of `allowed_hosts`; an attempt takes at most 15 seconds.
std::unique_ptr<Courier> make_curl_courier(std::vector<std::string> allowed_hosts);

}  // namespace controller
