#include "controller/restore/restore_plan.h"

#include <algorithm>
#include <set>

#include "controller/plan/selection.h"
#include "controller/plan/stop_set.h"

namespace controller {

namespace {

using compose::StackVolume;

constexpr const char* kProjectLabel = "com.docker.compose.project";
constexpr const char* kConfigHashLabel = "com.docker.compose.config-hash";

std::string listed(const std::set<std::string>& names) {
  std::string text;
  for (const auto& name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text.empty() ? "none" : text;
}

/// Every service that something in the snapshot came from.
std::set<std::string> services_of(const Manifest& manifest) {
  std::set<std::string> names;
  for (const auto& volume : manifest.volumes) {
    names.insert(volume.services.begin(), volume.services.end());
  }
  for (const auto& database : manifest.databases) {
    names.insert(database.service);
  }
  return names;
}

void check_words(const Manifest& manifest, const RestoreRequest& request) {
  const auto known = services_of(manifest);
  for (const auto& name : request.services) {
    if (!known.contains(name)) {
      throw std::invalid_argument("snapshot " + manifest.name + " holds nothing of a service \"" +
                                  name + "\"; it has: " + listed(known));
    }
  }
  std::set<std::string> keys;
  for (const auto& volume : manifest.volumes) {
    keys.insert(volume.key);
  }
  for (const auto& [key, name] : request.volumes) {
    if (!keys.contains(key)) {
      throw std::invalid_argument("snapshot " + manifest.name + " has no volume \"" + key +
                                  "\" to map; it has: " + listed(keys));
    }
  }
}

bool wanted(const std::vector<std::string>& chosen, const std::vector<std::string>& owners) {
  return chosen.empty() || std::ranges::any_of(owners, [&](const std::string& owner) {
           return std::ranges::find(chosen, owner) != chosen.end();
         });
}

/// Finds the place of one volume of the snapshot on this host.
class Placement {
 public:
  Placement(const compose::Observation& seen, const compose::Stack& stack, const Manifest& manifest,
            const RestoreRequest& request)
      : seen_(seen), stack_(stack), manifest_(manifest), request_(request) {}

  [[nodiscard]] PlannedVolumeRestore place(const VolumeRecord& record) const {
    PlannedVolumeRestore planned;
    planned.record = record;
    if (const auto mapped = request_.volumes.find(record.key); mapped != request_.volumes.end()) {
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
      planned.mountpoint = volume->mountpoint;
      planned.method = exchangeable(volume->driver, volume->options) ? SwapMethod::Exchange
                                                                     : SwapMethod::InPlace;
      return;
    }
    create(planned);
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

  static bool exchangeable(const std::string& driver,
                           const std::map<std::string, std::string>& options) {
    return driver == "local" && options.empty();
  }

  const compose::Observation& seen_;
  const compose::Stack& stack_;
  const Manifest& manifest_;
  const RestoreRequest& request_;
};

PlannedDatabaseRestore place_database(const compose::Stack& stack, const Manifest& manifest,
                                      const DatabaseRecord& record) {
  PlannedDatabaseRestore planned;
  planned.record = record;
  const auto server = std::ranges::find(manifest.servers, record.service, &ServerRecord::service);
  if (server != manifest.servers.end()) {
    planned.server = *server;
  }
  const auto* member = compose::find_service(stack, record.service);
  if (member) {
    for (const auto& replica : member->replicas) {
      if (replica.state == dockerapi::ContainerState::Running) {
        planned.container = replica.id;
        return planned;
      }
    }
  }
  throw RestoreRefusal(
      "database " + record.name + " needs service " + record.service + " of project " +
      stack.project +
      " running, since its server replaces it; start it first (docker compose up -d " +
      record.service + ")");
}

/// Stop order for everybody who has a target open, readers too: they would go on seeing what was
/// replaced.
class Stops {
 public:
  Stops(const compose::Stack& stack, RestorePlan& plan) : stack_(stack), plan_(plan) {}

  void decide(bool stop_running) {
    for (auto& volume : stack_.volumes) {
      const bool targeted = std::ranges::any_of(
          plan_.volumes, [&](const auto& planned) { return planned.target == volume.name; });
      if (!targeted) {
        continue;
      }
      for (auto& user : volume.users) {
        user.writes = true;
      }
      selection_.volumes.push_back({&volume, Mode::Stop, {}, "restore"});
    }
    for (const auto& database : plan_.databases) {
      PlannedDatabase kept;
      kept.service = database.record.service;
      selection_.databases.push_back(std::move(kept));
    }
    const StopSet set = stop_set(stack_, selection_);
    refuse(set, stop_running);
    plan_.stops = set.stops;
    for (auto& stop : plan_.stops) {
      constexpr std::string_view kWrites = "writes ";
      if (stop.reason.starts_with(kWrites)) {
        stop.reason = "uses " + stop.reason.substr(kWrites.size());
      }
    }
    plan_.warnings = set.warnings;
  }

 private:
  static void refuse(const StopSet& set, bool stop_running) {
    for (const auto& [key, names] : set.only_paused) {
      throw RestoreRefusal("container " + names.front() + " uses volume " + key +
                           " and would not come back from a stop; end it first");
    }
    if (set.stops.empty() || stop_running) {
      return;
    }
    std::set<std::string> running;
    for (const auto& stop : set.stops) {
      running.insert(stop.name);
    }
    throw RestoreRefusal(
        "these use what would be replaced, and run: " + listed(running) +
        ". Stop them, or add --stop-running to have them stopped and started again");
  }

  compose::Stack stack_;  // a copy: every user counts as a writer in it
  RestorePlan& plan_;
  Selection selection_;
};

void check_targets(const RestorePlan& plan) {
  std::set<std::string> taken;
  for (const auto& volume : plan.volumes) {
    if (!taken.insert(volume.target).second) {
      throw std::invalid_argument("two volumes of the snapshot would go into " + volume.target +
                                  "; tell them apart with --map");
    }
  }
}

/// A target that this project does not use: whoever has it open is not ours to stop.
void refuse_strangers(const compose::Observation& seen, const compose::Stack& stack,
                      const RestorePlan& plan) {
  for (const auto& planned : plan.volumes) {
    if (std::ranges::find(stack.volumes, planned.target, &StackVolume::name) !=
        stack.volumes.end()) {
      continue;
    }
    for (const auto& container : seen.containers) {
      const bool uses = std::ranges::any_of(container.mounts, [&](const dockerapi::Mount& mount) {
        return (mount.name.empty() ? mount.source : mount.name) == planned.target;
      });
      if (uses && alive(container)) {
        throw RestoreRefusal("container " + container.name + " is not of project " + stack.project +
                             ", uses " + planned.target +
                             " and runs; stop it first, or name another volume with --map");
      }
    }
  }
}

}  // namespace

RestorePlan plan_restore(const compose::Observation& seen, const compose::Stack& stack,
                         const Manifest& manifest, const RestoreRequest& request) {
  check_words(manifest, request);
  RestorePlan plan;
  plan.project = stack.project;
  plan.snapshot = manifest.name;
  const Placement placement(seen, stack, manifest, request);
  for (const auto& record : manifest.volumes) {
    if (wanted(request.services, record.services)) {
      plan.volumes.push_back(placement.place(record));
    }
  }
  for (const auto& record : manifest.databases) {
    if (wanted(request.services, {record.service})) {
      plan.databases.push_back(place_database(stack, manifest, record));
    }
  }
  check_targets(plan);
  refuse_strangers(seen, stack, plan);
  Stops(stack, plan).decide(request.stop_running);
  return plan;
}

std::string to_text(const RestorePlan& plan) {
  std::string text = "restore " + plan.snapshot + " into project " + plan.project + "\n";
  for (const auto& volume : plan.volumes) {
    text += "  volume " + volume.record.key + " -> " + volume.target + " (" + volume.reason +
            "): " +
            (volume.create ? "created"
             : volume.method == SwapMethod::Exchange
                 ? "replaced by exchange"
                 : "emptied and filled while its users are stopped") +
            "\n";
  }
  for (const auto& database : plan.databases) {
    text += "  database " + database.record.service + "/" + database.record.name +
            ": replaced by rename, its server stays up\n";
  }
  for (const auto& stop : plan.stops) {
    text += "  stop " + stop.name + ": " + stop.reason + "\n";
  }
  return text;
}

}  // namespace controller
