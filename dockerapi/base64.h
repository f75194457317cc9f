// Base64, as the engine uses it in a header.
#pragma once

#include <string>
#include <string_view>

namespace dockerapi {

/// Throws Error if `text` is not base64.
std::string base64_decoded(std::string_view text);

}  // namespace dockerapi
