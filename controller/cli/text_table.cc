#include "controller/cli/text_table.h"

#include <algorithm>

#include "controller/snapshot/shell_quote.h"

namespace controller {

namespace {

/// Columns on a terminal that a cell takes; wide characters are taken for narrow ones.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char one) { return (static_cast<unsigned char>(one) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string table(std::vector<Row> rows) {
  std::vector<std::size_t> widths;
  for (auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = one_line(row[i]);
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      text += last ? row[i] : row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

std::string line(const std::string& indent, const std::string& text) {
  return indent + one_line(text) + "\n";
}

}  // namespace controller
