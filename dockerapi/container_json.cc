#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "dockerapi/engine_json.h"
#include "dockerapi/json_fields.h"

namespace dockerapi {

namespace {

using Json = nlohmann::json;

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
  container.open_stdin = flag(config, "OpenStdin");
}

std::vector<std::string> capabilities(const Json& host, const char* name) {
  auto words = texts(host, name);
  for (auto& word : words) {
    if (word.starts_with("CAP_")) {
      word.erase(0, 4);
    }
  }
  return words;
}

void read_allowance(const Json& config, const Json& host, Allowance& allowance) {
  allowance.working_directory = text(config, "WorkingDir");
  allowance.tty = flag(config, "Tty");
  allowance.groups = texts(host, "GroupAdd");
  allowance.shm_bytes = number(host, "ShmSize");
  allowance.sysctls = labels(host, "Sysctls");
  allowance.tmpfs = labels(host, "Tmpfs");
  allowance.init = flag(host, "Init");
  if (const auto& limits = field(host, "Ulimits"); limits.is_array()) {
    for (const auto& limit : limits) {
      allowance.ulimits.push_back(
          {text(limit, "Name"), number(limit, "Soft"), number(limit, "Hard")});
    }
  }
}

void read_rights(const Json& host, Container& container) {
  container.added_capabilities = capabilities(host, "CapAdd");
  container.dropped_capabilities = capabilities(host, "CapDrop");
  container.privileged = flag(host, "Privileged");
  container.read_only_root = flag(host, "ReadonlyRootfs");
  container.memory_bytes = number(host, "Memory");
  if (const auto& devices = field(host, "Devices"); devices.is_array()) {
    for (const auto& device : devices) {
      container.devices.push_back(text(device, "PathOnHost"));
    }
  }
}

void read_networks(const Json& networks, Container& container) {
  if (!networks.is_object()) {
    return;
  }
  for (const auto& [name, endpoint] : networks.items()) {
    container.networks.push_back(name);
    container.aliases[name] = texts(endpoint, "Aliases");
  }
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

}  // namespace

Container container_from_json(std::string_view json_text) {
  const auto json = parse_object<Json>(json_text);
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
  read_allowance(field(json, "Config"), field(json, "HostConfig"), container.allowance);
  read_rights(field(json, "HostConfig"), container);
  if (const auto& mounts = field(json, "Mounts"); mounts.is_array()) {
    std::transform(mounts.begin(), mounts.end(), std::back_inserter(container.mounts), mount_from);
  }
  read_networks(field(field(json, "NetworkSettings"), "Networks"), container);
  container.upper_directory = text(field(field(json, "GraphDriver"), "Data"), "UpperDir");
  return container;
}

}  // namespace dockerapi
