// Which of two versions of an extension is the older one.
#pragma once

#include <string_view>

namespace controller {

/// By numbers where there are numbers: "1.9" is older than "1.10", "3.4.2" than "3.4.2dev1".
bool is_older(std::string_view version, std::string_view other);

}  // namespace controller
