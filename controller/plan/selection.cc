#include "controller/plan/selection.h"

#include <algorithm>

#include "compose/volume_kind.h"
#include "controller/plan/database_choice.h"
#include "controller/plan/flags.h"

namespace controller {

namespace {

using compose::Stack;
using compose::StackVolume;

const std::string& place_key(const StackVolume& volume) {
  return volume.same_as.empty() ? volume.key : volume.same_as;
}

void check_services(const Stack& stack, const std::vector<std::string>& wanted) {
  for (const auto& name : wanted) {
    if (compose::find_service(stack, name) != nullptr) {
      continue;
    }
    std::string known;
    for (const auto& service : stack.services) {
      known += (known.empty() ? "" : ", ") + service.name;
    }
    throw std::invalid_argument("project " + stack.project + " has no service " + name +
                                "; it has " + (known.empty() ? "none" : known));
  }
}

class Selector {
 public:
  Selector(const Stack& stack, const Policy& policy, const PlanRequest& request)
      : stack_(stack),
        policy_(policy),
        request_(request),
        databases_(known_databases(stack, policy, request)) {}

  Selection run() {
    for (const auto& database : databases_) {
      choose_database(database);
    }
    for (const auto& volume : stack_.volumes) {
      choose_volume(volume);
    }
    cover_nested();
    check_dump_modes();
    note_clusters();
    note_unflagged_settings();
    note_empty_request();
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool wanted(const std::vector<std::string>& owners) const {
    const auto& names = request_.services;
    return names.empty() || std::any_of(owners.begin(), owners.end(), [&](const auto& owner) {
             return std::find(names.begin(), names.end(), owner) != names.end();
           });
  }

  [[nodiscard]] std::optional<Mode> mode_of(const StackVolume& volume) const {
    return said_mode(stack_, policy_, volume);
  }

  // Flagged, and nothing says that its files are to be copied.
  [[nodiscard]] bool asks_for_dump(const StackVolume& volume) const {
    return flag_of(stack_, policy_, volume).backup &&
           mode_of(volume).value_or(Mode::Dump) == Mode::Dump;
  }

  [[nodiscard]] ServicePolicy service_policy(const std::string& name) const {
    const auto found = policy_.services.find(name);
    return found == policy_.services.end() ? ServicePolicy{} : found->second;
  }

  void choose_database(const KnownDatabase& database) {
    const auto& holders = database.holders;
    const auto flagged = std::find_if(holders.begin(), holders.end(),
                                      [&](const auto* volume) { return asks_for_dump(*volume); });
    const auto service = service_policy(database.service);
    const bool unheld = holders.empty() && service.backup.value_or(false);
    if (flagged == holders.end() && !unheld) {
      return;
    }
    for (const auto* volume : holders) {
      if (asks_for_dump(*volume)) {
        claimed_.insert(place_key(*volume));
      }
    }
    if (!wanted({database.service})) {
      leave_out(holders);
      return;
    }
    const auto server = running_server(stack_, database.service);
    if (!server) {
      copy_stopped(database, holders);
      return;
    }
    const auto reason = unheld ? service.place : flag_of(stack_, policy_, **flagged).place;
    result_.databases.push_back({database.service, *server,
                                 holders.empty() ? std::string() : holders.front()->key,
                                 database.detection, service.databases, reason});
    cover(holders);
    warn_of_place(database, flagged == holders.end() ? nullptr : *flagged);
  }

  void leave_out(const std::vector<const StackVolume*>& holders) {
    for (const auto* volume : holders) {
      result_.left_out[volume->key] = "not selected by --services";
    }
  }

  void cover(const std::vector<const StackVolume*>& holders) {
    for (const auto* holder : holders) {
      for (const auto& volume : stack_.volumes) {
        if (claimed_.contains(place_key(*holder)) && place_key(volume) == place_key(*holder)) {
          result_.covered.insert(volume.key);
        }
      }
    }
    if (!holders.empty()) {
      result_.covered.insert(holders.front()->key);
    }
  }

  void copy_stopped(const KnownDatabase& database, const std::vector<const StackVolume*>& holders) {
    const bool must_dump = std::any_of(holders.begin(), holders.end(), [&](const auto* volume) {
      return mode_of(*volume) == Mode::Dump;
    });
    if (must_dump || holders.empty()) {
      throw PlanRefusal("cannot dump database " + database.service + ": it is not running");
    }
    for (const auto* volume : holders) {
      claimed_.erase(place_key(*volume));
    }
    result_.warnings.push_back("database " + database.service +
                               " is not running: its files are copied instead of a dump");
  }

  void warn_of_place(const KnownDatabase& database, const StackVolume* flagged) {
    if (database.holders.empty()) {
      result_.warnings.push_back("the files of database " + database.service +
                                 " lie on no volume: they vanish with its container");
    } else if (database.holders.front()->kind == StackVolume::Kind::Anonymous) {
      result_.warnings.push_back(
          "the files of database " + database.service +
          " lie in an anonymous volume: they are left behind when its container is removed" +
          (flagged != database.holders.front() ? ", volume " + flagged->key + " does not hold them"
                                               : ""));
    }
  }

  void choose_volume(const StackVolume& volume) {
    const auto flag = flag_of(stack_, policy_, volume);
    if (!flag.backup) {
      if (!flag.place.empty()) {
        result_.left_out.emplace(volume.key, "cofferdam.backup is false (" + flag.place + ")");
      }
      return;
    }
    if (claimed_.contains(place_key(volume)) || result_.covered.contains(volume.key)) {
      return;
    }
    const auto users = users_of(stack_, volume);
    auto owners = services_with(stack_, users, Access::Writes);
    if (owners.empty()) {
      owners = services_with(stack_, users, Access::OnlyReads);
    }
    if (!wanted(owners)) {
      result_.left_out.emplace(volume.key, "not selected by --services");
      return;
    }
    const auto* said = policy_of(policy_, volume);
    result_.volumes.push_back({&volume, mode_of(volume).value_or(Mode::Stop),
                               said == nullptr ? std::vector<std::string>() : said->exclude,
                               flag.place});
    for (const auto& other : stack_.volumes) {
      if (place_key(other) == place_key(volume)) {
        result_.covered.insert(other.key);
      }
    }
  }

  // A mount inside a directory that is captured whole is captured with it.
  void cover_nested() {
    for (const auto& chosen : result_.volumes) {
      for (const auto& other : stack_.volumes) {
        if (chosen.exclude.empty() &&
            compose::lies_within(compose::host_path(other), compose::host_path(*chosen.volume))) {
          result_.covered.insert(other.key);
        }
      }
    }
  }

  void check_dump_modes() const {
    for (const auto& chosen : result_.volumes) {
      if (chosen.mode == Mode::Dump) {
        throw PolicyError(policy_of(policy_, *chosen.volume)->place +
                          ": cofferdam.mode: dump: no known database keeps its files in volume " +
                          chosen.volume->key);
      }
    }
  }

  [[nodiscard]] bool belongs_to_known_database(const StackVolume& volume) const {
    return std::any_of(databases_.begin(), databases_.end(), [&](const auto& database) {
      return std::find(database.holders.begin(), database.holders.end(), &volume) !=
             database.holders.end();
    });
  }

  // A cluster whose server nobody recognised is copied cold, which is right, but rarely what is
  // meant.
  void note_clusters() {
    for (auto& chosen : result_.volumes) {
      const bool is_known = belongs_to_known_database(*chosen.volume);
      const bool is_cluster = request_.clusters.contains(chosen.volume->key);
      chosen.holds_cluster = is_known || is_cluster;
      if (is_cluster && chosen.mode != Mode::Stop) {
        throw PlanRefusal(live_cluster_text(chosen.volume->key));
      }
      if (is_cluster && !is_known) {
        result_.warnings.push_back(
            title_of(*chosen.volume) +
            " holds a PostgreSQL cluster, but nothing tells which service is its server: it is "
            "copied as files while its writers are down. With cofferdam.database: postgres on its "
            "service it would be dumped live");
      }
    }
  }

  void note_unflagged_settings() {
    for (const auto& volume : stack_.volumes) {
      const auto* said = policy_of(policy_, volume);
      if (said != nullptr && !flag_of(stack_, policy_, volume).backup && !said->backup) {
        result_.warnings.push_back(title_of(volume) + " is not flagged: what " + said->place +
                                   " says has no effect");
      }
    }
  }

  void note_empty_request() {
    if (result_.volumes.empty() && result_.databases.empty()) {
      result_.warnings.emplace_back(request_.services.empty()
                                        ? "nothing is flagged with cofferdam.backup: true"
                                        : "nothing of the named services is flagged");
    }
  }

  const Stack& stack_;
  const Policy& policy_;
  const PlanRequest& request_;
  std::vector<KnownDatabase> databases_;
  std::set<std::string> claimed_;  // places whose content a dump stands for
  Selection result_;
};

}  // namespace

Selection select(const Stack& stack, const Policy& policy, const PlanRequest& request) {
  check_services(stack, request.services);
  return Selector(stack, policy, request).run();
}

std::vector<compose::VolumeUser> users_of(const Stack& stack, const StackVolume& volume) {
  std::vector<compose::VolumeUser> users;
  for (const auto& other : stack.volumes) {
    const bool same = other.key == volume.key || place_key(other) == place_key(volume);
    const bool nested = other.kind != StackVolume::Kind::Special &&
                        compose::overlap(compose::host_path(other), compose::host_path(volume));
    if (same || nested) {
      users.insert(users.end(), other.users.begin(), other.users.end());
    }
  }
  return users;
}

std::string live_cluster_text(const std::string& key) {
  return "volume " + key +
         " holds a PostgreSQL cluster, and a copy of it while its server runs is worth nothing. "
         "Set "
         "cofferdam.database: postgres on its service, or cofferdam.mode: stop on the volume";
}

std::string title_of(const StackVolume& volume) {
  if (volume.kind == StackVolume::Kind::Bind ||
      (volume.kind == StackVolume::Kind::Special && volume.volume.name.empty())) {
    return "bind mount " + volume.key;
  }
  return "volume " + volume.key + (volume.name == volume.key ? "" : " (" + volume.name + ")");
}

}  // namespace controller
