// The plan for programs; field names are documented in docs/plan.md.
#include <nlohmann/json.hpp>

#include "controller/plan/capture_plan.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

std::string_view state_name(dockerapi::ContainerState state) {
  using dockerapi::ContainerState;
  switch (state) {
    case ContainerState::Created:
      return "created";
    case ContainerState::Running:
      return "running";
    case ContainerState::Paused:
      return "paused";
    case ContainerState::Restarting:
      return "restarting";
    case ContainerState::Removing:
      return "removing";
    case ContainerState::Exited:
      return "exited";
    case ContainerState::Dead:
      return "dead";
  }
  return "unknown";
}

Json json_of(const PlannedVolume& volume) {
  return {{"key", volume.key},
          {"kind", compose::to_string(volume.kind)},
          {"name", volume.name},
          {"mode", to_string(volume.mode)},
          {"exclude", volume.exclude},
          {"producers", volume.producers},
          {"readers", volume.readers},
          {"foreign_producers", volume.foreign_producers},
          {"only_paused", volume.only_paused},
          {"artifact", volume.artifact},
          {"reason", volume.reason}};
}

Json json_of(const PlannedDatabase& database) {
  return {{"service", database.service},
          {"container", database.container.value},
          {"volume", database.volume},
          {"engine", database.detection.engine},
          {"evidence", database.detection.evidence},
          {"databases", database.databases},
          {"reason", database.reason}};
}

Json json_of(const PlannedStop& stop) {
  return {{"container", stop.container.value},
          {"name", stop.name},
          {"project", stop.project},
          {"service", stop.service},
          {"number", stop.number},
          {"action", stop.action == PlannedStop::Action::Stop ? "stop" : "pause"},
          {"level", stop.level},
          {"state", state_name(stop.state)},
          {"restart_policy", stop.restart_policy.name},
          {"await_healthy", stop.await_healthy},
          {"reason", stop.reason}};
}

Json json_of(const PlannedHook& hook) {
  return Json::parse(to_json(hook));
}

Json json_of(const LastRun& last) {
  return {{"snapshot", last.snapshot},
          {"duration_seconds", last.duration_seconds},
          {"downtime_seconds", last.downtime_seconds},
          {"bytes", last.bytes}};
}

Json json_of(const Unprotected& entry) {
  return {{"what", entry.what}, {"reason", entry.reason}};
}

template <typename Entry>
Json list_of(const std::vector<Entry>& entries) {
  Json list = Json::array();
  for (const auto& entry : entries) {
    list.push_back(json_of(entry));
  }
  return list;
}

}  // namespace

std::string to_json(const CapturePlan& plan) {
  Json json = {{"project", plan.project},
               {"platform_version", plan.platform_version},
               {"working_directory", plan.working_directory},
               {"config_files", plan.config_files},
               {"volumes", list_of(plan.volumes)},
               {"databases", list_of(plan.databases)},
               {"stops", list_of(plan.stops)},
               {"hooks", list_of(plan.hooks)},
               {"unprotected", list_of(plan.unprotected)},
               {"warnings", plan.warnings},
               {"last", plan.last ? json_of(*plan.last) : Json()}};
  // Names on a host need not be UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace controller
