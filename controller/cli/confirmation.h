// Asking before something is destroyed.
#pragma once

#include <string>

namespace controller {

/// Asks on the terminal and returns if the answer is yes.  Throws Refusal if it is not, or if there
/// is no terminal to ask on, naming `flag` as the way to say yes beforehand.
void confirm(const std::string& question, const std::string& flag);

}  // namespace controller
