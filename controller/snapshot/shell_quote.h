// Names in commands that a person will paste into bash.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace controller {

/// One word of bash that stands for exactly these bytes (NUL excepted), always on one line and
/// without control characters: plain where that is safe, else '…', else $'…'.
std::string shell_quoted(std::string_view bytes);

/// The words quoted, with a space between each.
std::string shell_command(const std::vector<std::string>& words);

/// Text for people: what is no printable UTF-8 becomes '?', so that it stays on its line.
std::string one_line(std::string_view text);

/// The same without loss: such bytes become "\xNN".
std::string escaped(std::string_view text);

}  // namespace controller
