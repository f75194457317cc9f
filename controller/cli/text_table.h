// Text in columns, fit for a terminal whatever is in it.
#pragma once

#include <string>
#include <vector>

namespace controller {

using Row = std::vector<std::string>;

/// Columns as wide as their widest cell; the last one is not padded.  Names come from others, so
/// every cell is made fit for a terminal.
std::string table(std::vector<Row> rows);

/// "<indent><text>", a line of its own whatever is in the text.
std::string line(const std::string& indent, const std::string& text);

}  // namespace controller
