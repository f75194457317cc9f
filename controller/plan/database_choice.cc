#include "controller/plan/database_choice.h"

#include <algorithm>

#include "compose/volume_kind.h"

namespace controller {

namespace {

using dockerapi::ContainerState;

std::map<std::string, DatabaseDetection> effective_detections(const compose::Stack& stack,
                                                              const Policy& policy,
                                                              const PlanRequest& request) {
  auto detections = request.detections;
  for (const auto& [name, service] : policy.services) {
    const auto* known = compose::find_service(stack, name);
    if (service.database == "none") {
      detections.erase(name);
    } else if (service.database && !detections.contains(name) && known != nullptr &&
               !known->replicas.empty()) {
      // Said by the config file, which detection by labels does not see.
      const auto directory = dockerapi::env_value(known->replicas.front(), "PGDATA");
      detections[name] = {
          *service.database, {service.place}, directory.value_or("/var/lib/postgresql")};
    }
  }
  return detections;
}

struct Holder {
  const compose::StackVolume* volume = nullptr;
  bool around = false;  // the data directory lies in it
  std::size_t depth = 0;

  // The deepest mount around the data directory holds it; of those below it, the highest.
  [[nodiscard]] bool before(const Holder& other) const {
    if (around != other.around) {
      return around;
    }
    return around ? depth > other.depth : depth < other.depth;
  }
};

std::vector<const compose::StackVolume*> holders_of(const compose::Stack& stack,
                                                    const std::string& service,
                                                    const std::string& directory) {
  std::vector<Holder> holders;
  for (const auto& volume : stack.volumes) {
    const auto user =
        std::find_if(volume.users.begin(), volume.users.end(), [&](const auto& candidate) {
          return candidate.node == service && candidate.writes &&
                 compose::overlap(candidate.destination, directory);
        });
    if (user != volume.users.end()) {
      holders.push_back(
          {&volume, compose::lies_within(directory, user->destination), user->destination.size()});
    }
  }
  std::stable_sort(holders.begin(), holders.end(),
                   [](const auto& one, const auto& other) { return one.before(other); });
  std::vector<const compose::StackVolume*> volumes;
  volumes.reserve(holders.size());
  for (const auto& holder : holders) {
    volumes.push_back(holder.volume);
  }
  return volumes;
}

}  // namespace

std::vector<KnownDatabase> known_databases(const compose::Stack& stack, const Policy& policy,
                                           const PlanRequest& request) {
  std::vector<KnownDatabase> databases;
  for (const auto& [service, detection] : effective_detections(stack, policy, request)) {
    if (compose::find_service(stack, service) != nullptr) {
      databases.push_back(
          {service, detection, holders_of(stack, service, detection.data_directory)});
    }
  }
  return databases;
}

std::optional<dockerapi::ContainerId> running_server(const compose::Stack& stack,
                                                     const std::string& service) {
  const dockerapi::Container* halfway = nullptr;
  for (const auto& container : compose::find_service(stack, service)->replicas) {
    if (container.state == ContainerState::Running) {
      return container.id;
    }
    if (dockerapi::alive(container)) {
      halfway = &container;
    }
  }
  if (halfway != nullptr) {
    throw PlanRefusal("cannot dump database " + service + ": container " + halfway->name + " is " +
                      (halfway->state == ContainerState::Paused ? "paused" : "restarting") +
                      ". Bring it up, or set cofferdam.mode: stop on its volume");
  }
  return std::nullopt;
}

}  // namespace controller
