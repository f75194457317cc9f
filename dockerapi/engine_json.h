// The engine's JSON to values, and requests to its JSON.
//
// Readers take a missing or null field for its default; what is not JSON of the expected shape
// makes them throw Error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dockerapi/container.h"
#include "dockerapi/engine.h"
#include "dockerapi/event.h"
#include "dockerapi/network.h"
#include "dockerapi/volume.h"

namespace dockerapi {

Container container_from_json(std::string_view text);
std::vector<ContainerId> container_ids_from_json(std::string_view text);
Volume volume_from_json(std::string_view text);
std::vector<Volume> volumes_from_json(std::string_view text);
Network network_from_json(std::string_view text);
std::vector<Network> networks_from_json(std::string_view text);
Image image_from_json(std::string_view text);
Event event_from_json(std::string_view text);
ExecState exec_state_from_json(std::string_view text);
PathStat path_stat_from_json(std::string_view text);
EngineVersion version_from_json(std::string_view text);

/// The "Id" of a creation's answer; never empty.
std::string id_from_json(std::string_view text);

/// The "StatusCode" of a wait.
int status_code_from_json(std::string_view text);

/// The "status" of the last line of an import, "sha256:…".  Throws Error with the engine's words
/// if a line is an error.
std::string imported_id_from_json(std::string_view text);

/// What an error's answer says: its "message", else its text as it stands.
std::string error_text_from(std::string_view body);

std::string to_json(const ContainerSpec& spec);
std::string to_json(const VolumeSpec& spec);
std::string to_json(const NetworkSpec& spec);
std::string to_json(const ExecSpec& spec);
std::string to_json(const RestartPolicy& policy);

/// Values of the query parameter `filters`.
std::string filters_json(const ContainerFilter& filter);
std::string filters_json(const Labels& labels);
std::string filters_json(const EventFilter& filter);

}  // namespace dockerapi
