#include <nlohmann/json.hpp>

#include "controller/archive/sha256.h"
#include "controller/restore/restore_plan.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

std::string method_of(const PlannedVolumeRestore& volume) {
  if (volume.create) {
    return "created";
  }
  if (!volume.origin.snapshot && volume.origin.keeper.empty()) {
    return "removed if nothing uses it";
  }
  if (volume.method == SwapMethod::InPlace) {
    return "kept in an archive, emptied and filled while its users are stopped";
  }
  return volume.origin.snapshot ? "staged while everything runs, then exchanged" : "exchanged";
}

std::string method_of(const PlannedDatabaseRestore& database) {
  if (!database.table.empty()) {
    return "the rows of table " + database.table +
           " replaced, in one transaction of the live database; nothing stops, nothing is kept";
  }
  return !database.origin.snapshot && database.origin.keeper.empty()
             ? "taken away by rename, its server stays up"
             : "replaced by rename, its server stays up";
}

std::string title(const RestorePlan& plan) {
  if (plan.kind == "undo") {
    return "undo " + plan.point + ": back to what project " + plan.project + " was at " +
           plan.taken_at + ", before " + plan.snapshot + " was restored\n";
  }
  return "restore " + plan.snapshot + " into project " + plan.project + "\n";
}

Json json_of(const PlannedVolumeRestore& volume) {
  return {{"kind", "volume"},
          {"key", volume.record.key},
          {"target", volume.target},
          {"reason", volume.reason},
          {"action", volume.create ? "create" : "replace"},
          {"method", volume.method == SwapMethod::Exchange ? "exchange" : "in-place"},
          {"mountpoint", volume.mountpoint},
          {"keeper", volume.origin.keeper},
          {"bytes", volume.record.content_bytes},
          {"sha256", volume.record.artifact.sha256}};
}

Json json_of(const PlannedDatabaseRestore& database) {
  return {{"kind", "database"},
          {"service", database.record.service},
          {"name", database.record.name},
          {"table", database.table},
          {"server_version", database.record.server_version},
          {"container", database.container.value},
          {"keeper", database.origin.keeper},
          {"bytes", database.record.size_bytes},
          {"sha256", database.record.artifact.sha256}};
}

Json json_of(const PlannedStop& stop) {
  return {{"container", stop.name},
          {"id", stop.container.value},
          {"service", stop.service},
          {"level", stop.level},
          {"reason", stop.reason}};
}

template <typename Item>
Json list_of(const std::vector<Item>& items) {
  Json json = Json::array();
  for (const auto& item : items) {
    json.push_back(json_of(item));
  }
  return json;
}

Json hooks_of(const RestorePlan& plan) {
  Json json = Json::array();
  for (const auto& hook : plan.hooks) {
    json.push_back(Json::parse(to_json(hook)));
  }
  return json;
}

Json document(const RestorePlan& plan) {
  return {{"type", "plan"},
          {"kind", plan.kind},
          {"project", plan.project},
          {"snapshot", plan.snapshot},
          {"taken_at", plan.taken_at},
          {"point", plan.point},
          {"versions", {{"snapshot", plan.snapshot_version}, {"running", plan.running_version}}},
          {"volumes", list_of(plan.volumes)},
          {"databases", list_of(plan.databases)},
          {"stops", list_of(plan.stops)},
          {"hooks", hooks_of(plan)},
          {"untouched", plan.untouched},
          {"warnings", plan.warnings}};
}

}  // namespace

std::string to_text(const RestorePlan& plan) {
  std::string text = title(plan);
  if (!plan.snapshot_version.empty()) {
    text += "  platform version: " + plan.snapshot_version + " in the snapshot, " +
            (plan.running_version.empty() ? "unknown" : plan.running_version) + " here\n";
  }
  for (const auto& volume : plan.volumes) {
    text += "  volume " + volume.record.key + " -> " + volume.target + " (" + volume.reason +
            "): " + method_of(volume) + "\n";
  }
  for (const auto& database : plan.databases) {
    text += "  database " + database.record.service + "/" + database.record.name + ": " +
            method_of(database) + "\n";
  }
  for (const auto& stop : plan.stops) {
    text += "  stop " + stop.name + ": " + stop.reason + "\n";
  }
  for (const auto& hook : plan.hooks) {
    text += to_text(hook);
  }
  for (const auto& item : plan.untouched) {
    text += "  left as it is: " + item + "\n";
  }
  return text;
}

std::string to_json(const RestorePlan& plan) {
  Json json = document(plan);
  json["hash"] = plan_hash(plan);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string plan_hash(const RestorePlan& plan) {
  constexpr std::size_t kDigits = 16;
  Sha256 digest;
  // Names may be bytes of any kind.
  digest.add(document(plan).dump(-1, ' ', false, Json::error_handler_t::replace));
  return digest.hex().substr(0, kDigits);
}

}  // namespace controller
