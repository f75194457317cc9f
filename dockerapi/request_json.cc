// Values to the JSON that the engine wants.
#include <nlohmann/json.hpp>

#include "dockerapi/engine_json.h"

namespace dockerapi {

namespace {

using Json = nlohmann::json;

/// Bytes that are not UTF-8 (in a label, a path) are replaced rather than thrown at.
std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json mount_json(const MountSpec& mount) {
  Json json = {{"Target", mount.target}, {"ReadOnly", mount.read_only}};
  switch (mount.kind) {
    case MountSpec::Kind::Volume:
      json["Type"] = "volume";
      json["Source"] = mount.source;
      // Without it the image's content is copied into an empty volume, read-only or not.
      json["VolumeOptions"] = {{"NoCopy", !mount.filled_from_image}};
      break;
    case MountSpec::Kind::Bind:
      json["Type"] = "bind";
      json["Source"] = mount.source;
      break;
    case MountSpec::Kind::Tmpfs:
      json["Type"] = "tmpfs";
      break;
  }
  return json;
}

Json policy_json(const RestartPolicy& policy) {
  Json json = {{"Name", policy.name}};
  if (policy.name == "on-failure") {
    json["MaximumRetryCount"] = policy.maximum_retries;
  }
  return json;
}

Json health_check_json(const HealthCheck& check) {
  return {{"Test", check.test},
          {"Interval", check.interval.count()},
          {"Timeout", check.timeout.count()},
          {"StartPeriod", check.start_period.count()},
          {"Retries", check.retries}};
}

void add_allowance(Json& host, const Allowance& allowance) {
  if (!allowance.groups.empty()) {
    host["GroupAdd"] = allowance.groups;
  }
  if (allowance.shm_bytes > 0) {
    host["ShmSize"] = allowance.shm_bytes;
  }
  for (const auto& limit : allowance.ulimits) {
    host["Ulimits"].push_back({{"Name", limit.name}, {"Soft", limit.soft}, {"Hard", limit.hard}});
  }
  if (!allowance.sysctls.empty()) {
    host["Sysctls"] = allowance.sysctls;
  }
  if (!allowance.tmpfs.empty()) {
    host["Tmpfs"] = allowance.tmpfs;
  }
  if (allowance.init) {
    host["Init"] = true;
  }
}

/// Two files take turns, so that the older half goes when there is too much.
Json log_config(const ContainerSpec& spec) {
  if (spec.discard_logs) {
    return {{"Type", "none"}};
  }
  return {{"Type", "json-file"},
          {"Config", {{"max-file", "2"}, {"max-size", std::to_string(spec.log_bytes / 2)}}}};
}

Json host_config(const ContainerSpec& spec) {
  Json host = {{"ReadonlyRootfs", spec.read_only_root},
               {"CapDrop", spec.drop_capabilities},
               {"CapAdd", spec.add_capabilities},
               {"SecurityOpt", spec.security_options},
               {"OomScoreAdj", spec.oom_score_adjustment},
               {"RestartPolicy", policy_json(spec.restart_policy)},
               {"Mounts", Json::array()}};
  for (const auto& mount : spec.mounts) {
    host["Mounts"].push_back(mount_json(mount));
  }
  const auto set = [&host](const char* name, const std::string& value) {
    if (!value.empty()) {
      host[name] = value;
    }
  };
  set("NetworkMode", spec.network_mode);
  set("PidMode", spec.pid_mode);
  set("IpcMode", spec.ipc_mode);
  set("UsernsMode", spec.userns_mode);
  if (spec.discard_logs || spec.log_bytes > 0) {
    host["LogConfig"] = log_config(spec);
  }
  if (!spec.dns.empty()) {
    host["Dns"] = spec.dns;
  }
  add_allowance(host, spec.allowance);
  if (spec.memory_bytes > 0) {
    host["Memory"] = spec.memory_bytes;
  }
  if (spec.pids_limit > 0) {
    host["PidsLimit"] = spec.pids_limit;
  }
  return host;
}

void add_labels(Json& filters, const Labels& labels) {
  for (const auto& [key, value] : labels) {
    filters["label"].push_back(value.empty() ? key : key + "=" + value);
  }
}

}  // namespace

std::string to_json(const ContainerSpec& spec) {
  Json json = {{"Image", spec.image},  {"Cmd", spec.command},   {"Env", spec.env},
               {"User", spec.user},    {"Labels", spec.labels}, {"Tty", spec.allowance.tty},
               {"AttachStdout", true}, {"AttachStderr", true},  {"HostConfig", host_config(spec)}};
  if (!spec.entrypoint.empty()) {
    json["Entrypoint"] = spec.entrypoint;
  }
  if (spec.command.empty() && spec.entrypoint.empty()) {
    json.erase("Cmd");
  }
  const auto set = [&json](const char* name, const std::string& value) {
    if (!value.empty()) {
      json[name] = value;
    }
  };
  set("Hostname", spec.hostname);
  set("WorkingDir", spec.allowance.working_directory);
  set("StopSignal", spec.stop_signal);
  if (spec.open_stdin) {
    json["AttachStdin"] = json["OpenStdin"] = json["StdinOnce"] = true;
  }
  if (spec.no_health_check) {
    json["Healthcheck"] = {{"Test", {"NONE"}}};
  } else if (spec.health_check) {
    json["Healthcheck"] = health_check_json(*spec.health_check);
  }
  if (!spec.aliases.empty()) {
    json["NetworkingConfig"] = {
        {"EndpointsConfig", {{spec.network_mode, {{"Aliases", spec.aliases}}}}}};
  }
  if (spec.stop_timeout) {
    json["StopTimeout"] = spec.stop_timeout->count();
  }
  return dump(json);
}

std::string to_json(const VolumeSpec& spec) {
  return dump({{"Name", spec.name},
               {"Driver", spec.driver},
               {"Labels", Json(spec.labels)},
               {"DriverOpts", Json(spec.options)}});
}

std::string to_json(const NetworkSpec& spec) {
  Json pools = Json::array();
  for (const auto& pool : spec.addresses.pools) {
    Json json = Json::object();
    const auto set = [&json](const char* name, const std::string& value) {
      if (!value.empty()) {
        json[name] = value;
      }
    };
    set("Subnet", pool.subnet);
    set("Gateway", pool.gateway);
    set("IPRange", pool.ip_range);
    pools.push_back(json);
  }
  return dump({{"Name", spec.name},
               // Before API 1.44 a taken name is no hindrance without it.
               {"CheckDuplicate", true},
               {"Driver", spec.driver},
               {"Internal", spec.internal},
               {"Attachable", spec.attachable},
               {"EnableIPv6", spec.enable_ipv6},
               {"Labels", Json(spec.labels)},
               {"Options", Json(spec.options)},
               {"IPAM", {{"Driver", spec.addresses.driver}, {"Config", pools}}}});
}

std::string to_json(const ExecSpec& spec) {
  Json json = {{"Cmd", spec.command},  {"Env", spec.env}, {"AttachStdout", true},
               {"AttachStderr", true}, {"Tty", false},    {"AttachStdin", spec.attach_stdin},
               {"User", spec.user}};
  if (!spec.working_directory.empty()) {
    json["WorkingDir"] = spec.working_directory;
  }
  return dump(json);
}

std::string to_json(const RestartPolicy& policy) {
  return dump({{"RestartPolicy", policy_json(policy)}});
}

std::string filters_json(const ContainerFilter& filter) {
  Json filters = Json::object();
  add_labels(filters, filter.labels);
  if (!filter.volume.empty()) {
    filters["volume"].push_back(filter.volume);
  }
  return dump(filters);
}

std::string filters_json(const Labels& labels) {
  Json filters = Json::object();
  add_labels(filters, labels);
  return dump(filters);
}

std::string filters_json(const EventFilter& filter) {
  Json filters = Json::object();
  add_labels(filters, filter.labels);
  if (!filter.kinds.empty()) {
    filters["type"] = filter.kinds;
  }
  if (!filter.actions.empty()) {
    filters["event"] = filter.actions;
  }
  return dump(filters);
}

}  // namespace dockerapi
