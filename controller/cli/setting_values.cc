#include "controller/cli/setting_values.h"

#include <charconv>

#include "controller/cli/settings.h"

namespace controller {

int setting_number(const std::string& name, const std::string& text, int lowest, int highest) {
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value < lowest ||
      value > highest) {
    throw SettingError(name + " is \"" + text + "\"; it must be a number from " +
                       std::to_string(lowest) + " to " + std::to_string(highest));
  }
  return value;
}

std::chrono::seconds setting_duration(const std::string& name, const std::string& text) {
  constexpr int kLongest = 100'000;
  if (text == "0") {
    return std::chrono::seconds{0};
  }
  const auto count = [&] {
    return setting_number(name, text.substr(0, text.size() - 1), 1, kLongest);
  };
  if (text.ends_with('m')) {
    return std::chrono::minutes(count());
  }
  if (text.ends_with('h')) {
    return std::chrono::hours(count());
  }
  if (text.ends_with('d')) {
    return std::chrono::days(count());
  }
  throw SettingError(name + " is \"" + text +
                     "\"; it must be 0 or a number of minutes, hours or days: 30m, 72h, 3d");
}

}  // namespace controller
