#include "controller/restore/placement.h"

#include <algorithm>

namespace controller {

namespace {

using compose::StackVolume;

constexpr const char* kProjectLabel = "com.docker.compose.project";
constexpr const char* kConfigHashLabel = "com.docker.compose.config-hash";

/// Finds the place of one volume of the snapshot on this host.
class Placement {
 public:
  Placement(const compose::Observation& seen, const compose::Stack& stack, const Manifest& manifest,
            const RestoreRequest& request)
      : seen_(seen), stack_(stack), manifest_(manifest), request_(request) {}

  [[nodiscard]] PlannedVolumeRestore place(const VolumeRecord& record) const {
    PlannedVolumeRestore planned;
    planned.record = record;
    if (!request_.copy_suffix.empty()) {
      copy(planned);
    } else if (const auto mapped = request_.volumes.find(record.key);
               mapped != request_.volumes.end()) {
      take(planned, mapped->second, "--map");
    } else if (record.kind == "bind") {
      planned.target = record.name;
      planned.method = SwapMethod::InPlace;
      planned.reason = "recorded path";
    } else if (const auto* own = in_stack(record.key)) {
      take(planned, own->name, "volume " + record.key + " of project " + stack_.project);
    } else if (find(record.name)) {
      take(planned, record.name, "recorded name");
    } else {
      take(planned, new_name(record), "it does not exist yet");
    }
    return planned;
  }

 private:
  [[nodiscard]] const StackVolume* in_stack(const std::string& key) const {
    for (const auto& volume : stack_.volumes) {
      if (volume.key == key && volume.kind != StackVolume::Kind::Bind &&
          volume.kind != StackVolume::Kind::Special) {
        return &volume;
      }
    }
    return nullptr;
  }

  [[nodiscard]] const dockerapi::Volume* find(const std::string& name) const {
    const auto found = std::ranges::find(seen_.volumes, name, &dockerapi::Volume::name);
    return found == seen_.volumes.end() ? nullptr : &*found;
  }

  /// A project that was renamed takes its own name for what it did not have yet.
  [[nodiscard]] std::string new_name(const VolumeRecord& record) const {
    const std::string prefix = manifest_.project + "_";
    if (stack_.project != manifest_.project && record.name.starts_with(prefix)) {
      return stack_.project + "_" + record.name.substr(prefix.size());
    }
    return record.name;
  }

  void take(PlannedVolumeRestore& planned, const std::string& name, const std::string& why) const {
    planned.target = name;
    planned.reason = why;
    if (const auto* volume = find(name)) {
      planned.ours =
          std::ranges::find(stack_.volumes, name, &StackVolume::name) != stack_.volumes.end();
      planned.mountpoint = volume->mountpoint;
      planned.method = exchangeable(volume->driver, volume->options) ? SwapMethod::Exchange
                                                                     : SwapMethod::InPlace;
      return;
    }
    create(planned);
  }

  /// A new volume that neither Compose nor anybody else takes for the one it is a copy of.
  void copy(PlannedVolumeRestore& planned) const {
    const auto& record = planned.record;
    if (record.kind == "bind" || record.kind == "anonymous") {
      throw RestoreRefusal("volume " + record.key +
                           " has no name that a copy could be called after; leave it out with "
                           "--volume or --services");
    }
    planned.target = new_name(record) + "_" + request_.copy_suffix;
    planned.reason = "a copy";
    if (find(planned.target)) {
      throw RestoreRefusal("volume " + planned.target + " exists already; choose another suffix");
    }
    planned.create = true;
    planned.spec = {planned.target, "local", {{"cofferdam.copy-of", record.name}}, {}};
    planned.method = SwapMethod::Exchange;
  }

  void create(PlannedVolumeRestore& planned) const {
    const auto& record = planned.record;
    if (record.kind == "anonymous") {
      throw RestoreRefusal(
          "anonymous volume " + record.key +
          " does not exist here; start its service once, so that Compose makes it, "
          "or name another volume with --map");
    }
    for (const auto& [option, value] : record.options) {
      if (value.find("***") != std::string::npos) {
        throw RestoreRefusal("volume " + planned.target + " does not exist here, and its option " +
                             option +
                             " holds a password that is not in the snapshot; create the "
                             "volume first");
      }
    }
    planned.create = true;
    planned.spec = {planned.target, record.driver, record.labels, record.options};
    auto& labels = planned.spec.labels;
    if (labels.contains(kProjectLabel)) {
      labels[kProjectLabel] = stack_.project;
    }
    if (planned.target != record.name) {
      // Compose compares it with what it would make of the renamed volume, and would offer to
      // recreate.
      labels.erase(kConfigHashLabel);
    }
    planned.method =
        exchangeable(record.driver, record.options) ? SwapMethod::Exchange : SwapMethod::InPlace;
  }

  const compose::Observation& seen_;
  const compose::Stack& stack_;
  const Manifest& manifest_;
  const RestoreRequest& request_;
};

}  // namespace

bool exchangeable(const std::string& driver, const std::map<std::string, std::string>& options) {
  return driver == "local" && options.empty();
}

PlannedVolumeRestore place_volume(const compose::Observation& seen, const compose::Stack& stack,
                                  const Manifest& manifest, const RestoreRequest& request,
                                  const VolumeRecord& record) {
  return Placement(seen, stack, manifest, request).place(record);
}

dockerapi::ContainerId running_server(const compose::Stack& stack, const std::string& service,
                                      const std::string& database) {
  if (const auto* member = compose::find_service(stack, service)) {
    for (const auto& replica : member->replicas) {
      if (replica.state == dockerapi::ContainerState::Running) {
        return replica.id;
      }
    }
  }
  throw RestoreRefusal("database " + database + " needs service " + service + " of project " +
                       stack.project +
                       " running, since its server replaces it; start it first (docker compose up "
                       "-d " +
                       service + ")");
}

PlannedDatabaseRestore place_database(const compose::Stack& stack, const Manifest& manifest,
                                      const RestoreRequest& request, const DatabaseRecord& record) {
  PlannedDatabaseRestore planned;
  planned.record = record;
  if (!request.copy_suffix.empty()) {
    planned.record.name += "_" + request.copy_suffix;
  }
  const auto server = std::ranges::find(manifest.servers, record.service, &ServerRecord::service);
  if (server != manifest.servers.end()) {
    planned.server = *server;
  }
  planned.container = running_server(stack, record.service, record.name);
  return planned;
}

}  // namespace controller
