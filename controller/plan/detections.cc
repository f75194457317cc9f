#include "controller/plan/detections.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <optional>
#include <utility>

#include "controller/plan/flags.h"

namespace controller {

namespace {

using Kind = compose::StackVolume::Kind;

// Where clusters lie in what is mounted.
constexpr std::array kPlaces = {"", "/data"};
// Of a container that is told something about PostgreSQL too: Red Hat's images and home-made ones.
constexpr std::array kMorePlaces = {"/pgdata", "/data/userdata", "/userdata"};
// Debian's and the official image's from PostgreSQL 18 on, below the number of a version.
constexpr std::array kPlacesOfVersion = {"/main", "/docker", "/data"};
constexpr int kOldest = 10;
constexpr int kNewest = 19;

/// A mount to look into.
struct Look {
  const compose::StackVolume* volume = nullptr;
  dockerapi::ContainerId container;
  std::string destination;
  bool is_suspect = false;  // its environment speaks of PostgreSQL
};

struct Finding {
  std::optional<std::string> place;  // of the cluster, below the destination
  std::string problem;
};

bool can_hold_a_cluster(const compose::StackVolume& volume) {
  return volume.kind != Kind::Special && volume.kind != Kind::TmpfsVolume;
}

/// A stopped container's volumes would be mounted for the look, and a far one may not answer.
bool is_near(const compose::StackVolume& volume) {
  return volume.kind != Kind::Network && volume.kind != Kind::Plugin;
}

bool speaks_of_postgres(const dockerapi::Container& container) {
  return std::ranges::any_of(container.env, [](const std::string& variable) {
    return variable.starts_with("POSTGRES") || variable.starts_with("PG");
  });
}

/// One container of each service that nothing is known of.
std::map<std::string, const dockerapi::Container*> unknown_services(const compose::Stack& stack,
                                                                    const Policy& policy,
                                                                    const Detections& known) {
  std::map<std::string, const dockerapi::Container*> unknown;
  for (const auto& member : stack.services) {
    const auto said = policy.services.find(member.name);
    const bool is_said = said != policy.services.end() && said->second.database;
    if (!member.replicas.empty() && !is_said && !known.databases.contains(member.name)) {
      unknown[member.name] = &member.replicas.front();
    }
  }
  return unknown;
}

class ClusterSearch {
 public:
  explicit ClusterSearch(dockerapi::Engine& engine) : engine_(engine) {}

  Finding look(const Look& look) const {
    try {
      return {place_of_cluster(look), ""};
    } catch (const dockerapi::Unreachable&) {
      throw;
    } catch (const dockerapi::Error& error) {
      // What the engine answers where the mount is a single file.
      constexpr int kNoDirectory = 500;
      return error.status() == kNoDirectory ? Finding{} : Finding{std::nullopt, error.what()};
    }
  }

 private:
  [[nodiscard]] bool exists(const Look& look, const std::string& below) const {
    return engine_.stat_path(look.container, look.destination + below).has_value();
  }

  [[nodiscard]] bool is_cluster(const Look& look, const std::string& place) const {
    return exists(look, place + "/PG_VERSION") && exists(look, place + "/global/pg_control");
  }

  [[nodiscard]] std::optional<std::string> place_of_cluster(const Look& look) const {
    for (const std::string place : kPlaces) {
      if (is_cluster(look, place)) {
        return place;
      }
    }
    if (!look.is_suspect) {
      return std::nullopt;
    }
    for (const std::string place : kMorePlaces) {
      if (is_cluster(look, place)) {
        return place;
      }
    }
    for (int version = kOldest; version <= kNewest; ++version) {
      const auto folder = "/" + std::to_string(version);
      if (!exists(look, folder)) {
        continue;
      }
      for (const char* place : kPlacesOfVersion) {
        if (is_cluster(look, folder + place)) {
          return folder + place;
        }
      }
    }
    return std::nullopt;
  }

  dockerapi::Engine& engine_;
};

/// Several at a time: each question takes the engine a millisecond or more.
std::vector<Finding> look_at_all(dockerapi::Engine& engine, const std::vector<Look>& looks) {
  constexpr std::size_t kWorkers = 4;
  std::vector<Finding> findings(looks.size());
  std::atomic<std::size_t> next{0};
  const ClusterSearch search(engine);
  const auto work = [&] {
    for (auto at = next++; at < looks.size(); at = next++) {
      findings[at] = search.look(looks[at]);
    }
  };
  std::vector<std::future<void>> workers;
  for (std::size_t i = 0; i < std::min(kWorkers, looks.size()); ++i) {
    workers.push_back(std::async(std::launch::async, work));
  }
  for (auto& worker : workers) {
    worker.get();
  }
  return findings;
}

std::vector<Look> looks_at(const compose::Stack& stack, const Policy& policy,
                           const Detections& known,
                           const std::map<std::string, const dockerapi::Container*>& services) {
  std::vector<Look> looks;
  for (const auto& volume : stack.volumes) {
    // Whoever else writes where a known server keeps its files is a companion of it.
    const bool has_server = std::ranges::any_of(volume.users, [&](const auto& user) {
      return user.writes && known.databases.contains(user.node);
    });
    if (has_server || !can_hold_a_cluster(volume) || !flag_of(stack, policy, volume).backup) {
      continue;
    }
    const auto user = std::ranges::find_if(volume.users, [&](const compose::VolumeUser& one) {
      const auto found = services.find(one.node);
      return one.writes && (one.alive || is_near(volume)) && found != services.end() &&
             found->second->id == one.container;
    });
    if (user != volume.users.end()) {
      looks.push_back({&volume, user->container, user->destination,
                       speaks_of_postgres(*services.at(user->node))});
    }
  }
  return looks;
}

}  // namespace

Detections detect_databases(dockerapi::Engine& engine, const compose::Stack& stack,
                            const Policy& policy) {
  Detections found;
  for (const auto& member : stack.services) {
    if (!member.replicas.empty()) {
      if (auto detection = detect_database(member.replicas.front(), {})) {
        found.databases[member.name] = std::move(*detection);
      }
    }
  }
  const auto services = unknown_services(stack, policy, found);
  const auto looks = looks_at(stack, policy, found, services);
  const auto findings = look_at_all(engine, looks);

  std::map<std::string, std::vector<std::string>> directories;  // by service
  for (std::size_t i = 0; i < looks.size(); ++i) {
    if (!findings[i].problem.empty()) {
      found.problems.push_back("cannot see whether volume " + looks[i].volume->key +
                               " holds a database: " + findings[i].problem);
    }
    if (!findings[i].place) {
      continue;
    }
    found.clusters.insert(looks[i].volume->key);
    for (const auto& user : looks[i].volume->users) {
      const auto member = services.find(user.node);
      if (user.writes && member != services.end() && member->second->id == user.container) {
        directories[user.node].push_back(user.destination + *findings[i].place);
      }
    }
  }
  for (const auto& [service, places] : directories) {
    if (auto detection = detect_database(*services.at(service), places)) {
      found.databases[service] = std::move(*detection);
    }
  }
  return found;
}

}  // namespace controller
