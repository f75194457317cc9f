#include "dockerapi/engine_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "dockerapi/error.h"
#include "dockerapi/json_fields.h"

namespace dockerapi {

namespace {

using Json = nlohmann::json;

Volume volume_from(const Json& json) {
  return {text(json, "Name"),     text(json, "Driver"),    text(json, "Mountpoint"),
          text(json, "Scope"),    text(json, "CreatedAt"), labels(json, "Labels"),
          labels(json, "Options")};
}

Network network_from(const Json& json) {
  Network network{text(json, "Id"),         text(json, "Name"),
                  text(json, "Driver"),     text(json, "Scope"),
                  flag(json, "Internal"),   flag(json, "Attachable"),
                  flag(json, "EnableIPv6"), labels(json, "Labels"),
                  labels(json, "Options"),  {}};
  const auto& ipam = field(json, "IPAM");
  network.addresses.driver = text(ipam, "Driver");
  if (const auto& pools = field(ipam, "Config"); pools.is_array()) {
    for (const auto& pool : pools) {
      network.addresses.pools.push_back(
          {text(pool, "Subnet"), text(pool, "Gateway"), text(pool, "IPRange")});
    }
  }
  return network;
}

}  // namespace

std::vector<ContainerId> container_ids_from_json(std::string_view json_text) {
  const auto json = parse<Json>(json_text);
  if (!json.is_array()) {
    throw Error("the engine's list of containers is not a list");
  }
  std::vector<ContainerId> ids;
  for (const auto& entry : json) {
    ids.push_back({text(entry, "Id")});
  }
  return ids;
}

Volume volume_from_json(std::string_view json_text) {
  auto volume = volume_from(parse_object<Json>(json_text));
  if (volume.name.empty()) {
    throw Error("the engine describes a volume without a name");
  }
  return volume;
}

std::vector<Volume> volumes_from_json(std::string_view json_text) {
  const auto json = parse_object<Json>(json_text);
  std::vector<Volume> volumes;
  if (const auto& entries = field(json, "Volumes"); entries.is_array()) {
    std::transform(entries.begin(), entries.end(), std::back_inserter(volumes), volume_from);
  }
  std::sort(volumes.begin(), volumes.end(),
            [](const Volume& one, const Volume& other) { return one.name < other.name; });
  return volumes;
}

Network network_from_json(std::string_view json_text) {
  auto network = network_from(parse_object<Json>(json_text));
  if (network.id.empty()) {
    throw Error("the engine describes a network without an id");
  }
  return network;
}

std::vector<Network> networks_from_json(std::string_view json_text) {
  const auto json = parse<Json>(json_text);
  if (!json.is_array()) {
    throw Error("the engine's list of networks is not a list");
  }
  std::vector<Network> networks;
  std::transform(json.begin(), json.end(), std::back_inserter(networks), network_from);
  std::sort(networks.begin(), networks.end(), [](const Network& one, const Network& other) {
    return std::tie(one.name, one.id) < std::tie(other.name, other.id);
  });
  return networks;
}

Image image_from_json(std::string_view json_text) {
  const auto json = parse_object<Json>(json_text);
  const auto& config = field(json, "Config");
  return {text(json, "Id"),
          texts(json, "RepoTags"),
          texts(json, "RepoDigests"),
          text(json, "Architecture"),
          text(json, "Os"),
          labels(config, "Labels"),
          texts(config, "Env"),
          texts(config, "Cmd"),
          texts(config, "Entrypoint"),
          text(config, "User"),
          text(config, "WorkingDir"),
          keys(config, "Volumes"),
          health_check_from(field(config, "Healthcheck"))};
}

Event event_from_json(std::string_view json_text) {
  const auto json = parse_object<Json>(json_text);
  // Not the old fields "status", "id" and "from": API 1.52 drops them.
  const auto& actor = field(json, "Actor");
  return {text(json, "Type"), text(json, "Action"), text(actor, "ID"), labels(actor, "Attributes"),
          number(json, "timeNano")};
}

ExecState exec_state_from_json(std::string_view json_text) {
  const auto json = parse_object<Json>(json_text);
  ExecState state;
  state.running = flag(json, "Running");
  if (field(json, "ExitCode").is_number() && !state.running) {
    state.exit_code = static_cast<int>(number(json, "ExitCode"));
  }
  state.pid = static_cast<int>(number(json, "Pid"));
  return state;
}

PathStat path_stat_from_json(std::string_view json_text) {
  // Bits of Go's FileMode: a directory; then a symbolic link, a device, a pipe, a socket, …
  constexpr std::int64_t kDirectory = std::int64_t{1} << 31U;
  constexpr std::int64_t kOthers = 0x0F28'0000;
  const auto json = parse_object<Json>(json_text);
  const auto mode = number(json, "mode");
  return {text(json, "name"), number(json, "size"),
          (mode & kDirectory) != 0 ? PathStat::Kind::Directory
          : (mode & kOthers) != 0  ? PathStat::Kind::Other
                                   : PathStat::Kind::File};
}

EngineVersion version_from_json(std::string_view json_text) {
  const auto json = parse_object<Json>(json_text);
  return {text(json, "Version"), text(json, "ApiVersion"), text(json, "Os"), text(json, "Arch")};
}

std::string id_from_json(std::string_view json_text) {
  auto id = text(parse_object<Json>(json_text), "Id");
  if (id.empty()) {
    throw Error("the engine's answer to a creation has no id");
  }
  return id;
}

int status_code_from_json(std::string_view json_text) {
  const auto json = parse_object<Json>(json_text);
  if (!field(json, "StatusCode").is_number()) {
    throw Error("the engine's answer to a wait has no exit code");
  }
  return static_cast<int>(number(json, "StatusCode"));
}

std::string imported_id_from_json(std::string_view json_text) {
  std::string id;
  while (!json_text.empty()) {
    const auto line = json_text.substr(0, json_text.find('\n'));
    json_text.remove_prefix(std::min(line.size() + 1, json_text.size()));
    if (line.find_first_not_of(" \r\t") == std::string_view::npos) {
      continue;
    }
    const auto json = parse_object<Json>(line);
    if (field(json, "error").is_string()) {
      throw Error("cannot import an image: " + text(json, "error"));
    }
    id = text(json, "status");
  }
  if (!id.starts_with("sha256:")) {
    throw Error("cannot import an image: the engine's answer has no image id");
  }
  return id;
}

std::string error_text_from(std::string_view body) {
  const auto json = Json::parse(body, nullptr, false);
  auto message = text(json, "message");
  if (message.empty()) {
    constexpr std::size_t kMost = 500;
    message = body.substr(0, kMost);
  }
  while (!message.empty() && (message.back() == '\n' || message.back() == '\r')) {
    message.pop_back();
  }
  return message;
}

}  // namespace dockerapi
