// Keyed digests.
#pragma once

#include <string>
#include <string_view>

namespace controller {

/// The 32 bytes of HMAC-SHA256.
std::string hmac_sha256(std::string_view key, std::string_view text);

/// Lower-case.
std::string hex_text(std::string_view bytes);

}  // namespace controller
