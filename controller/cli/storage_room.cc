#include "controller/cli/storage_room.h"

#include <algorithm>

#include "controller/cli/setting_values.h"
#include "controller/cli/settings.h"

namespace controller {

RoomWanted room_wanted(const std::string& name, const std::string& text) {
  constexpr int kMostPercent = 99;
  constexpr int kMost = 1'000'000;
  const auto number = [&](int most) {
    return setting_number(name, text.substr(0, text.size() - 1), 1, most);
  };
  if (text == "0") {
    return {};
  }
  if (text.ends_with('%')) {
    return {0, static_cast<unsigned>(number(kMostPercent))};
  }
  if (text.ends_with('m') || text.ends_with('g')) {
    return {static_cast<std::uint64_t>(number(kMost)) << (text.back() == 'm' ? 20U : 30U), 0};
  }
  throw SettingError(name + " is \"" + text +
                     "\"; it must be a part of the disk, MiB, GiB or 0: 5%, 500m, 20g");
}

Room room_of(const RoomWanted& wanted, std::uint64_t free, std::uint64_t capacity) {
  constexpr std::uint64_t kHundred = 100;
  const auto least = std::max(wanted.bytes, capacity / kHundred * wanted.percent);
  if (free < least) {
    return Room::Low;
  }
  return free < least + least / 5 ? Room::Scarce : Room::Enough;
}

}  // namespace controller
