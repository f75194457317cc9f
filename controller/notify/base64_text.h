// Base64, as mail and HTTP's Basic authentication want it.
#pragma once

#include <string>
#include <string_view>

namespace controller {

std::string base64_text(std::string_view bytes);

}  // namespace controller
