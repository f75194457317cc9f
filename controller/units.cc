#include "controller/units.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace controller {

std::string human_bytes(std::uint64_t bytes) {
  static constexpr std::array<const char*, 6> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // What would be shown as 1024 belongs to the next unit.
  while (value >= (unit == 0 ? 1024 : 1023.5) && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  std::array<char, 32> text{};
  const int decimals = unit == 0 || value >= 100 ? 0 : 1;
  std::snprintf(text.data(), text.size(), "%.*f %s", decimals, value, kUnits.at(unit));
  return text.data();
}

std::string human_duration(double seconds) {
  std::array<char, 48> text{};
  const auto whole = static_cast<long>(std::lround(seconds));
  if (whole < 60) {
    std::snprintf(text.data(), text.size(), seconds < 9.995 ? "%.2f s" : "%.0f s", seconds);
  } else if (whole < 3600) {
    std::snprintf(text.data(), text.size(), "%ld min %02ld s", whole / 60, whole % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%ld h %02ld min", whole / 3600, whole % 3600 / 60);
  }
  return text.data();
}

}  // namespace controller
