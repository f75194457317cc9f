#include "controller/archive/entry_name.h"

#include "controller/archive/tree_entry.h"

namespace controller {
namespace {

bool is_plain(std::string_view component) {
  return !component.empty() && component != "." && component != ".." &&
         component.find('\0') == std::string_view::npos;
}

}  // namespace

std::optional<std::string> path_from_name(std::string_view name, bool directory) {
  if (name == "." || name == "./") {
    return directory ? std::optional<std::string>("") : std::nullopt;
  }
  if (name.starts_with("./")) {
    name.remove_prefix(2);
  }
  if (directory && name.ends_with('/')) {
    name.remove_suffix(1);
  }
  if (name.size() > kLongestPath) {
    return std::nullopt;
  }
  std::string_view rest = name;
  for (;;) {
    const auto slash = rest.find('/');
    if (!is_plain(rest.substr(0, slash))) {
      return std::nullopt;
    }
    if (slash == std::string_view::npos) {
      return std::string(name);
    }
    rest.remove_prefix(slash + 1);
  }
}

std::string quoted_entry(std::string_view name) {
  static constexpr std::size_t kShown = 300;
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "\"";
  for (const char c : name.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\') {
      text += c;
    } else {
      text += "\\x";
      text += kDigits[byte >> 4U];
      text += kDigits[byte & 0x0FU];
    }
  }
  return text + (name.size() > kShown ? "…\"" : "\"");
}

}  // namespace controller
