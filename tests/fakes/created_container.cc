#include "tests/fakes/created_container.h"

#include <algorithm>

namespace fakes {

namespace {

/// Networks by name that the mode makes a container a member of.
std::vector<std::string> networks_of(const std::string& mode) {
  if (mode.starts_with("container:")) {
    return {};
  }
  return {mode == "default" ? "bridge" : mode};
}

std::vector<std::string> merged_env(const std::vector<std::string>& image,
                                    std::vector<std::string> own) {
  for (const auto& entry : image) {
    const auto name = entry.substr(0, entry.find('=') + 1);
    if (std::ranges::none_of(own, [&](const auto& other) { return other.starts_with(name); })) {
      own.push_back(entry);
    }
  }
  return own;
}

void set_process(dockerapi::Container& made, const dockerapi::ContainerSpec& spec,
                 const dockerapi::Image& image) {
  const bool own_entrypoint = !spec.entrypoint.empty();
  made.env = merged_env(image.env, spec.env);
  made.entrypoint = own_entrypoint ? spec.entrypoint : image.entrypoint;
  made.command = own_entrypoint || !spec.command.empty() ? spec.command : image.command;
  made.user = spec.user.empty() ? image.user : spec.user;
  made.health_check = spec.health_check ? spec.health_check : image.health_check;
  if (spec.no_health_check) {
    made.health_check.reset();
  }
  made.stop_signal = spec.stop_signal;
  made.stop_timeout = spec.stop_timeout;
  made.allowance = spec.allowance;
  if (made.allowance.working_directory.empty()) {
    made.allowance.working_directory = image.working_directory;
  }
  for (const auto& [destination, options] : spec.allowance.tmpfs) {
    made.tmpfs.push_back(destination);
  }
}

}  // namespace

dockerapi::Container container_from(const dockerapi::ContainerSpec& spec,
                                    const dockerapi::Image& image) {
  dockerapi::Container made;
  made.image = spec.image;
  made.image_id = image.id;
  made.restart_policy = spec.restart_policy;
  made.labels = spec.labels;
  made.labels.insert(image.labels.begin(), image.labels.end());
  set_process(made, spec, image);
  made.hostname = spec.hostname;
  made.network_mode = spec.network_mode.empty() ? "default" : spec.network_mode;
  made.networks = networks_of(made.network_mode);
  for (const auto& network : made.networks) {
    made.aliases[network] = spec.aliases;
  }
  made.pid_mode = spec.pid_mode;
  made.ipc_mode = spec.ipc_mode;
  made.security_options = spec.security_options;
  made.userns_mode = spec.userns_mode;
  made.added_capabilities = spec.add_capabilities;
  made.dropped_capabilities = spec.drop_capabilities;
  made.read_only_root = spec.read_only_root;
  made.open_stdin = spec.open_stdin;
  made.memory_bytes = spec.memory_bytes;
  made.declared_volumes = image.declared_volumes;
  return made;
}

}  // namespace fakes
