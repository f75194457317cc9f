// A subscription over a connection of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "dockerapi/endpoint.h"
#include "dockerapi/event.h"

namespace dockerapi {

/// GETs `target`.  Throws Unreachable, or Error if the engine refuses.
std::unique_ptr<EventStream> open_event_stream(const Endpoint& endpoint, const std::string& target);

}  // namespace dockerapi
