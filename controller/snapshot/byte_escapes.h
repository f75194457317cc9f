// Names are bytes, JSON is Unicode: how the one is kept in the other without loss.
#pragma once

#include <string>
#include <string_view>

namespace controller {

/// Valid UTF-8 stays as it is.  Every byte that is not part of it becomes U+FFFD, the replacement
/// character, followed by two upper-case hex digits; so do the three bytes of U+FFFD itself.
std::string escape_bytes(std::string_view bytes);

/// The inverse.  Throws std::invalid_argument if a U+FFFD is not followed by two such digits.
std::string unescape_bytes(std::string_view text);

/// Length of the UTF-8 sequence at the start of `bytes`; 0 if there is none.
std::size_t utf8_length(std::string_view bytes);

}  // namespace controller
