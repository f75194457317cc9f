// Bytes that need not be UTF-8 (file names) as text that is.
#pragma once

#include <string>
#include <string_view>

namespace controller {

/// UTF-8 stays as it is; every other byte, and '%', becomes "%XX".
std::string text_from_bytes(std::string_view bytes);

/// The inverse.  Throws std::invalid_argument if a '%' is not followed by two hex digits.
std::string bytes_from_text(std::string_view text);

}  // namespace controller
