#include "controller/restore/staging_room.h"

#include <algorithm>
#include <map>

#include "controller/archive/artifact.h"
#include "controller/units.h"

namespace controller {

namespace {

constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20;
constexpr std::uint64_t kReserve = 16 * kMebibyte;  // for whoever else writes there meanwhile
constexpr std::uint64_t kBlock = 4096;              // the last one of every file is half empty

struct Need {
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
};

Need need_of(const PlannedVolumeRestore& volume) {
  if (!volume.origin.snapshot) {
    return {};
  }
  return {volume.record.content_bytes + volume.record.entries * kBlock / 2, volume.record.entries};
}

const PlannedVolumeRestore& planned(const RestorePlan& plan, const std::string& key) {
  return *std::ranges::find(plan.volumes, key,
                            [](const auto& volume) { return volume.record.key; });
}

std::string mebibytes(std::uint64_t bytes) {
  return std::to_string(bytes / kMebibyte) + " MiB";
}

}  // namespace

void check_room(const RestorePlan& plan, const std::vector<StagingRoom>& rooms) {
  std::map<std::uint64_t, Need> needs;  // by file system
  for (const auto& room : rooms) {
    const auto need = need_of(planned(plan, room.key));
    auto& sum = needs[room.found.device];
    sum.bytes += need.bytes;
    sum.entries += need.entries;
  }
  for (const auto& room : rooms) {
    const auto& need = needs.at(room.found.device);
    if (need.bytes == 0) {
      continue;
    }
    if (need.bytes + kReserve > room.found.bytes) {
      throw NoSpace(
          "not enough room to restore beside the live data: " + mebibytes(need.bytes + kReserve) +
          " are needed where volume " + room.key + " is, and " + mebibytes(room.found.bytes) +
          " are free. Nothing was touched. Make room, or drop rollback points with "
          "`cofferdam commit`");
    }
    if (need.entries > room.found.inodes) {
      throw NoSpace(
          "not enough inodes to restore beside the live data: " + std::to_string(need.entries) +
          " are needed where volume " + room.key + " is, and " + std::to_string(room.found.inodes) +
          " are free. Nothing was touched");
    }
  }
}

void check_emptiness(const RestorePlan& plan, const std::vector<StagingRoom>& rooms) {
  for (const auto& room : rooms) {
    const auto& volume = planned(plan, room.key);
    if (room.found.occupied && !volume.ours && !volume.create) {
      throw RestoreRefusal("volume " + volume.target + " (" + volume.reason +
                           ") is not used by project " + plan.project +
                           " and holds something; name another one with --map, or add --force to "
                           "have its content replaced");
    }
  }
}

std::string to_text(const RestorePlan& plan, const std::vector<StagingRoom>& rooms) {
  std::string text;
  for (const auto& room : rooms) {
    text += "  volume " + room.key + ": " + human_bytes(need_of(planned(plan, room.key)).bytes) +
            " staged, " + human_bytes(room.found.bytes) + " free there\n";
  }
  return text;
}

}  // namespace controller
