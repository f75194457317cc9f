// When the store's disk is nearly full.
#pragma once

#include <cstdint>
#include <string>

namespace controller {

/// What should be free at least.  Both 0: nobody wants to know.
struct RoomWanted {
  std::uint64_t bytes = 0;
  unsigned percent = 0;  // of the disk
};

/// Of "5%", "20g" (GiB), "500m" (MiB) or "0"; throws SettingError that names the setting for
/// anything else.
RoomWanted room_wanted(const std::string& name, const std::string& text);

/// Enough is a fifth more than what is wanted: a disk whose room goes up and down a little is not
/// low again and again.
enum class Room { Low, Scarce, Enough };

Room room_of(const RoomWanted& wanted, std::uint64_t free, std::uint64_t capacity);

}  // namespace controller
