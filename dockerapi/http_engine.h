// The real engine, over HTTP.
#pragma once

#include <memory>
#include <string>

#include "dockerapi/endpoint.h"
#include "dockerapi/engine.h"

namespace dockerapi {

/// Connects when the first call is made, so the engine need not run yet.  That call also agrees on
/// a version of the API, and throws Error if the engine is too old.
///
/// Ignores SIGPIPE in the whole process: a container that closes its stdin must not kill us.
std::unique_ptr<Engine> connect(const Endpoint& endpoint);

/// The version to speak with an engine that offers `offered` ("1.47"): the lower of it and the
/// newest that this program knows.  Throws Error if the engine is too old.
std::string agreed_version(const std::string& offered);

}  // namespace dockerapi
