#include "controller/drill/drill_site.h"

namespace controller {

namespace {

constexpr const char* kService = "service:";

/// Of the service that "service:NAME" names.
std::string service_in(const std::string& mode) {
  const std::string start = kService;
  return mode.starts_with(start) ? mode.substr(start.size()) : "";
}

}  // namespace

std::string drill_name(const std::string& job) {
  return "cofferdam-drill-" + job;
}

std::vector<std::string> remove_drill(dockerapi::Engine& engine, const dockerapi::Labels& labels) {
  auto all = labels;
  all["cofferdam.role"] = "drill";
  std::vector<std::string> removed;
  for (const auto& container : engine.containers({all, ""})) {
    engine.remove(container.id);
    removed.push_back("container " + container.name);
  }
  for (const auto& network : engine.networks(all)) {
    engine.remove_network(network.id);
    removed.push_back("network " + network.name);
  }
  for (const auto& volume : engine.volumes(all)) {
    engine.remove_volume(volume.name);
    removed.push_back("volume " + volume.name);
  }
  return removed;
}

DrillSite::DrillSite(Setting& setting, const std::string& job, const DrillPlan& plan)
    : setting_(setting), job_(job), plan_(plan) {
  try {
    make();
  } catch (...) {
    // The destructor of what was never whole does not run.
    try {
      remove();
    } catch (const dockerapi::Error&) {
      // The journal says that there is something to remove.
    }
    throw;
  }
}

DrillSite::~DrillSite() {
  if (kept_) {
    return;
  }
  try {
    remove();
  } catch (const std::exception& error) {
    setting_.reporter.warning("the drill could not be removed: " + std::string(error.what()) +
                              "; the journal is replayed by the next start");
  }
}

void DrillSite::make() {
  dockerapi::NetworkSpec network;
  network.name = drill_name(job_);
  network.internal = true;
  // Without an address of its own the bridge leads nowhere, not even to the host.
  network.options = {{"com.docker.network.bridge.inhibit_ipv4", "true"}};
  network.labels = labels();
  setting_.engine.create_network(network);
  for (const auto& planned : plan_.volumes) {
    setting_.engine.create_volume({volume(planned.name), "local", labels(), {}});
  }
  if (!plan_.files.empty()) {
    files_directory_ =
        setting_.engine.create_volume({volume(kFiles), "local", labels(), {}}).mountpoint;
  }
}

dockerapi::Labels DrillSite::labels() const {
  return {{"cofferdam.role", "drill"},
          {"cofferdam.instance", setting_.agent.instance},
          {"cofferdam.job", job_},
          {"cofferdam.snapshot", plan_.snapshot}};
}

std::string DrillSite::volume(const std::string& name) const {
  return drill_name(job_) + "-" + name;
}

const dockerapi::ContainerId& DrillSite::container(const std::string& service) const {
  return containers_.at(service);
}

void DrillSite::remove() {
  remove_drill(setting_.engine, {{"cofferdam.job", job_}});
  kept_ = true;  // there is nothing left to remove
}

dockerapi::MountSpec DrillSite::mount_spec(const DrillMount& mount) const {
  dockerapi::MountSpec spec;
  spec.target = mount.target;
  spec.read_only = mount.read_only;
  if (mount.is_file) {
    // A volume cannot be mounted as a file; what lies in one of ours can.
    spec.kind = dockerapi::MountSpec::Kind::Bind;
    spec.source = files_directory_ + "/" + mount.name;
  } else {
    spec.source = volume(mount.name);
    spec.filled_from_image = mount.from_image;
  }
  return spec;
}

void DrillSite::join_namespaces(dockerapi::ContainerSpec& spec) const {
  const auto joined = [&](const std::string& mode) {
    const auto service = service_in(mode);
    return service.empty() ? mode : "container:" + container(service).value;
  };
  spec.ipc_mode = joined(spec.ipc_mode);
  spec.pid_mode = joined(spec.pid_mode);
  if (spec.network_mode.empty()) {
    spec.network_mode = drill_name(job_);
    return;
  }
  // Names, servers and settings of a network are those of whose network it is.
  spec.network_mode = joined(spec.network_mode);
  spec.aliases.clear();
  spec.dns.clear();
  spec.hostname.clear();
  std::erase_if(spec.allowance.sysctls,
                [](const auto& setting) { return setting.first.starts_with("net."); });
}

void DrillSite::create(const DrillService& service) {
  auto spec = service.container;
  spec.name = drill_name(job_) + "-" + service.name;
  spec.labels.merge(labels());
  for (const auto& mount : service.mounts) {
    spec.mounts.push_back(mount_spec(mount));
  }
  join_namespaces(spec);
  containers_[service.name] = setting_.engine.create(spec);
}

}  // namespace controller
