#include "dockerapi/engine_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "dockerapi/error.h"

namespace dockerapi {

namespace {

using Json = nlohmann::json;

Json parse(std::string_view text) {
  auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) {
    throw Error("the engine's answer is not JSON: '" + std::string(text.substr(0, 100)) + "'");
  }
  return json;
}

Json parse_object(std::string_view text) {
  auto json = parse(text);
  if (!json.is_object()) {
    throw Error("the engine's answer is not a JSON object: '" + std::string(text.substr(0, 100)) +
                "'");
  }
  return json;
}

const Json& field(const Json& object, const char* name) {
  static const Json kNull;
  if (!object.is_object()) {
    return kNull;
  }
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

std::string text(const Json& object, const char* name) {
  const auto& value = field(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::int64_t number(const Json& object, const char* name) {
  const auto& value = field(object, name);
  return value.is_number() ? value.get<std::int64_t>() : 0;
}

bool flag(const Json& object, const char* name) {
  const auto& value = field(object, name);
  return value.is_boolean() && value.get<bool>();
}

std::vector<std::string> texts(const Json& object, const char* name) {
  std::vector<std::string> result;
  const auto& value = field(object, name);
  // Entrypoint and Cmd of very old images may be one string.
  if (value.is_string()) {
    result.push_back(value.get<std::string>());
  }
  if (value.is_array()) {
    for (const auto& entry : value) {
      if (entry.is_string()) {
        result.push_back(entry.get<std::string>());
      }
    }
  }
  return result;
}

Labels labels(const Json& object, const char* name) {
  Labels result;
  const auto& value = field(object, name);
  if (value.is_object()) {
    for (const auto& [key, entry] : value.items()) {
      result[key] = entry.is_string() ? entry.get<std::string>() : std::string();
    }
  }
  return result;
}

std::vector<std::string> keys(const Json& object, const char* name) {
  std::vector<std::string> result;
  const auto& value = field(object, name);
  if (value.is_object()) {
    for (const auto& [key, entry] : value.items()) {
      result.push_back(key);
    }
  }
  return result;
}

ContainerState state_from(const std::string& word) {
  static const std::map<std::string, ContainerState> kStates = {
      {"created", ContainerState::Created},   {"running", ContainerState::Running},
      {"paused", ContainerState::Paused},     {"restarting", ContainerState::Restarting},
      {"removing", ContainerState::Removing}, {"exited", ContainerState::Exited},
      {"dead", ContainerState::Dead}};
  const auto found = kStates.find(word);
  if (found == kStates.end()) {
    throw Error("the engine names a container state that is unknown here: '" + word + "'");
  }
  return found->second;
}

Health health_from(const std::string& word) {
  if (word == "starting") {
    return Health::Starting;
  }
  if (word == "healthy") {
    return Health::Healthy;
  }
  return word == "unhealthy" ? Health::Unhealthy : Health::None;
}

std::optional<HealthCheck> health_check_from(const Json& json) {
  const auto test = texts(json, "Test");
  if (test.empty() || test.front() == "NONE") {
    return std::nullopt;
  }
  using std::chrono::nanoseconds;
  return HealthCheck{nanoseconds(number(json, "Interval")), nanoseconds(number(json, "Timeout")),
                     nanoseconds(number(json, "StartPeriod")),
                     static_cast<int>(number(json, "Retries"))};
}

Mount mount_from(const Json& json) {
  Mount mount;
  mount.engine_kind = text(json, "Type");
  mount.kind = mount.engine_kind == "volume"  ? Mount::Kind::Volume
               : mount.engine_kind == "bind"  ? Mount::Kind::Bind
               : mount.engine_kind == "tmpfs" ? Mount::Kind::Tmpfs
                                              : Mount::Kind::Other;
  mount.name = text(json, "Name");
  mount.source = text(json, "Source");
  mount.destination = text(json, "Destination");
  mount.driver = text(json, "Driver");
  mount.writable = flag(json, "RW");
  return mount;
}

void read_state(const Json& state, Container& container) {
  container.state = state_from(text(state, "Status"));
  container.health = health_from(text(field(state, "Health"), "Status"));
  container.exit_code = static_cast<int>(number(state, "ExitCode"));
  container.oom_killed = flag(state, "OOMKilled");
  container.state_error = text(state, "Error");
  container.started_at = text(state, "StartedAt");
  container.finished_at = text(state, "FinishedAt");
}

void read_config(const Json& config, Container& container) {
  container.image = text(config, "Image");
  container.stop_signal = text(config, "StopSignal");
  if (field(config, "StopTimeout").is_number()) {
    container.stop_timeout = std::chrono::seconds(number(config, "StopTimeout"));
  }
  container.health_check = health_check_from(field(config, "Healthcheck"));
  container.labels = labels(config, "Labels");
  container.env = texts(config, "Env");
  container.command = texts(config, "Cmd");
  container.entrypoint = texts(config, "Entrypoint");
  container.user = text(config, "User");
  container.hostname = text(config, "Hostname");
  container.declared_volumes = keys(config, "Volumes");
}

void read_host_config(const Json& host, Container& container) {
  const auto& policy = field(host, "RestartPolicy");
  const auto name = text(policy, "Name");
  // Engine 20.10 leaves the name of "no" empty.
  container.restart_policy = {name.empty() ? "no" : name,
                              static_cast<int>(number(policy, "MaximumRetryCount"))};
  container.auto_remove = flag(host, "AutoRemove");
  container.tmpfs = keys(host, "Tmpfs");
  container.network_mode = text(host, "NetworkMode");
  container.ipc_mode = text(host, "IpcMode");
  container.pid_mode = text(host, "PidMode");
  container.volumes_from = texts(host, "VolumesFrom");
  container.security_options = texts(host, "SecurityOpt");
  container.userns_mode = text(host, "UsernsMode");
}

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

Container container_from_json(std::string_view json_text) {
  const auto json = parse_object(json_text);
  Container container;
  container.id.value = text(json, "Id");
  if (container.id.value.empty()) {
    throw Error("the engine describes a container without an id");
  }
  container.name = text(json, "Name");
  if (container.name.starts_with('/')) {
    container.name.erase(0, 1);
  }
  container.image_id = text(json, "Image");
  container.created_at = text(json, "Created");
  container.restart_count = static_cast<int>(number(json, "RestartCount"));
  read_state(field(json, "State"), container);
  read_config(field(json, "Config"), container);
  read_host_config(field(json, "HostConfig"), container);
  if (const auto& mounts = field(json, "Mounts"); mounts.is_array()) {
    std::transform(mounts.begin(), mounts.end(), std::back_inserter(container.mounts), mount_from);
  }
  container.networks = keys(field(json, "NetworkSettings"), "Networks");
  container.upper_directory = text(field(field(json, "GraphDriver"), "Data"), "UpperDir");
  return container;
}

std::vector<ContainerId> container_ids_from_json(std::string_view json_text) {
  const auto json = parse(json_text);
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
  auto volume = volume_from(parse_object(json_text));
  if (volume.name.empty()) {
    throw Error("the engine describes a volume without a name");
  }
  return volume;
}

std::vector<Volume> volumes_from_json(std::string_view json_text) {
  const auto json = parse_object(json_text);
  std::vector<Volume> volumes;
  if (const auto& entries = field(json, "Volumes"); entries.is_array()) {
    std::transform(entries.begin(), entries.end(), std::back_inserter(volumes), volume_from);
  }
  std::sort(volumes.begin(), volumes.end(),
            [](const Volume& one, const Volume& other) { return one.name < other.name; });
  return volumes;
}

Network network_from_json(std::string_view json_text) {
  auto network = network_from(parse_object(json_text));
  if (network.id.empty()) {
    throw Error("the engine describes a network without an id");
  }
  return network;
}

std::vector<Network> networks_from_json(std::string_view json_text) {
  const auto json = parse(json_text);
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
  const auto json = parse_object(json_text);
  return {text(json, "Id"),           texts(json, "RepoTags"),
          texts(json, "RepoDigests"), text(json, "Architecture"),
          text(json, "Os"),           labels(field(json, "Config"), "Labels")};
}

Event event_from_json(std::string_view json_text) {
  const auto json = parse_object(json_text);
  // Not the old fields "status", "id" and "from": API 1.52 drops them.
  const auto& actor = field(json, "Actor");
  return {text(json, "Type"), text(json, "Action"), text(actor, "ID"), labels(actor, "Attributes"),
          number(json, "timeNano")};
}

ExecState exec_state_from_json(std::string_view json_text) {
  const auto json = parse_object(json_text);
  ExecState state;
  state.running = flag(json, "Running");
  if (field(json, "ExitCode").is_number() && !state.running) {
    state.exit_code = static_cast<int>(number(json, "ExitCode"));
  }
  state.pid = static_cast<int>(number(json, "Pid"));
  return state;
}

PathStat path_stat_from_json(std::string_view json_text) {
  const auto json = parse_object(json_text);
  return {text(json, "name"), number(json, "size")};
}

EngineVersion version_from_json(std::string_view json_text) {
  const auto json = parse_object(json_text);
  return {text(json, "Version"), text(json, "ApiVersion"), text(json, "Os"), text(json, "Arch")};
}

std::string id_from_json(std::string_view json_text) {
  auto id = text(parse_object(json_text), "Id");
  if (id.empty()) {
    throw Error("the engine's answer to a creation has no id");
  }
  return id;
}

int status_code_from_json(std::string_view json_text) {
  const auto json = parse_object(json_text);
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
    const auto json = parse_object(line);
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
