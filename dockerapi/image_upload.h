// An image made of a tar that is sent while it is produced.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "dockerapi/endpoint.h"

namespace dockerapi {

/// POSTs what `next` delivers, an empty piece at its end, and returns the engine's answer.  An
/// engine that refuses stops reading early: its answer is read all the same, and thrown as Error.
std::string upload(const Endpoint& endpoint, const std::string& target,
                   const std::function<std::string_view()>& next);

}  // namespace dockerapi
