// The library's server, with bounds that it does not have itself.
#pragma once

#include <memory>

#include "controller/api/connection.h"
#include "controller/api/slow_clients.h"

namespace httplib {
class Server;
}  // namespace httplib

namespace controller {

/// A connection serves one request, within `limits`: what is not read of a refused body is no next
/// request.  When more clients come than are answered at a time, the oldest of `clients` is broken
/// off, which must outlive the server.
std::unique_ptr<httplib::Server> bounded_server(const RequestLimits& limits, SlowClients& clients);

}  // namespace controller
