// Calls for which the connection itself becomes a container's stdin, stdout and stderr.
#pragma once

#include <memory>
#include <string>

#include "dockerapi/endpoint.h"
#include "dockerapi/stream.h"

namespace dockerapi {

/// POSTs `body` to `target` and returns the stream that the connection turns into.  If the engine
/// refuses, throws what refusal() makes of it; `what` says what was tried: "attach to web".
std::unique_ptr<Stream> hijack(const Endpoint& endpoint, const std::string& target,
                               const std::string& body, const std::string& what);

/// Throws NotFound, Conflict or Error: "cannot <what>: engine answered 500: <body's message>".
[[noreturn]] void refusal(const std::string& what, int status, const std::string& body);

}  // namespace dockerapi
