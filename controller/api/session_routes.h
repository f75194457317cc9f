// Logging in and out, and who is.
#pragma once

#include <vector>

#include "controller/access/access_file.h"
#include "controller/access/login_throttle.h"
#include "controller/api/request_guard.h"
#include "controller/api/route.h"
#include "controller/clock.h"

namespace controller {

/// What the routes work with; all outlive them.
struct AccessDesk {
  AccessFile& file;
  LoginThrottle& throttle;
  const GuardRules& rules;
  const Clock& clock;
};

/// Login, logout, sessions, tokens.  A login begins a new session whatever the browser had before.
std::vector<Route> session_routes(const AccessDesk& desk);
std::vector<Route> token_routes(const AccessDesk& desk);

}  // namespace controller
