#include "controller/database/extension_version.h"

#include <algorithm>

namespace controller {

namespace {

bool is_digit(char one) {
  return one >= '0' && one <= '9';
}

/// The next run of digits, without leading zeros, or of anything else.
std::string_view take_part(std::string_view& text) {
  const bool digits = !text.empty() && is_digit(text.front());
  const auto end =
      std::find_if(text.begin(), text.end(), [&](char one) { return is_digit(one) != digits; });
  auto part = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(part.size());
  while (digits && part.size() > 1 && part.front() == '0') {
    part.remove_prefix(1);
  }
  return part;
}

}  // namespace

bool is_older(std::string_view version, std::string_view other) {
  while (!version.empty() && !other.empty()) {
    const auto mine = take_part(version);
    const auto theirs = take_part(other);
    if (mine == theirs) {
      continue;
    }
    const bool numbers = is_digit(mine.front()) && is_digit(theirs.front());
    return numbers && mine.size() != theirs.size() ? mine.size() < theirs.size() : mine < theirs;
  }
  return version.empty() && !other.empty();
}

}  // namespace controller
