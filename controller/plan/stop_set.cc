#include "controller/plan/stop_set.h"

#include <algorithm>
#include <set>

#include "compose/compose_labels.h"
#include "compose/start_order.h"
#include "compose/volume_kind.h"

namespace controller {

namespace {

using compose::Dependency;
using compose::shown;
using compose::Stack;
using compose::Touched;
using dockerapi::Container;
using dockerapi::ContainerState;
using Action = PlannedStop::Action;

bool any_alive(const std::vector<const Container*>& containers) {
  return std::any_of(containers.begin(), containers.end(),
                     [](const auto* container) { return dockerapi::alive(*container); });
}

/// Its stop would be its end: the engine removes it, or nobody may start it again.
bool cannot_come_back(const Container& container) {
  return container.auto_remove || compose::is_one_off(container);
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  }
  return text;
}

class Planner {
 public:
  Planner(const Stack& stack, const Selection& selection) : stack_(stack), selection_(selection) {
    find_staying();
  }

  StopSet run() {
    for (const auto& chosen : selection_.volumes) {
      seed(chosen);
    }
    find_touched();
    check_staying();
    list_containers();
    return std::move(result_);
  }

 private:
  struct Kept {
    std::string who;  // "our own container", "database db, which is dumped,"
    bool silent = false;
  };

  // What stays up whatever happens, and so draws nothing after it.
  void find_staying() {
    for (const auto& database : selection_.databases) {
      kept_[database.service] = {"database " + database.service + ", which is dumped,", false};
    }
    for (const auto& node : nodes()) {
      const auto containers = compose::containers_of(stack_, node);
      if (!any_alive(containers)) {
        down_.insert(node);
        continue;
      }
      for (const auto* container : containers) {
        if (stack_.self && container->id == *stack_.self) {
          kept_[node] = {"our own container", true};
        } else if (dockerapi::alive(*container) && cannot_come_back(*container)) {
          kept_.emplace(node, Kept{"container " + container->name +
                                       ", which would not come back from a stop,",
                                   false});
        }
      }
    }
  }

  [[nodiscard]] std::set<std::string> nodes() const {
    std::set<std::string> names;
    for (const auto& service : stack_.services) {
      names.insert(service.name);
      for (const auto& container : service.one_offs) {
        names.insert(compose::node_of(stack_, container));
      }
    }
    for (const auto& container : stack_.others) {
      names.insert(compose::node_of(stack_, container));
    }
    return names;
  }

  void seed(const ChosenVolume& chosen) {
    for (const auto& user : users_of(stack_, *chosen.volume)) {
      if (!user.writes) {
        continue;
      }
      refuse_own(chosen, user);
      if (user.alive && (chosen.mode == Mode::Stop || chosen.mode == Mode::Pause)) {
        seed_writer(chosen, user);
      }
    }
  }

  void refuse_own(const ChosenVolume& chosen, const compose::VolumeUser& user) const {
    if (stack_.self && user.container == *stack_.self) {
      throw PlanRefusal("cannot capture " + title_of(*chosen.volume) +
                        ": Cofferdam itself writes it, and a snapshot cannot hold its own store. "
                        "Take the flag away, or mount it read-only into Cofferdam");
    }
  }

  void seed_writer(const ChosenVolume& chosen, const compose::VolumeUser& user) {
    for (const auto* container : compose::containers_of(stack_, user.node)) {
      if (compose::is_swarm_task(*container)) {
        throw PlanRefusal("cannot capture " + title_of(*chosen.volume) + ": " + container->name +
                          " writes it and is a task of a Swarm, which would replace it at once. "
                          "Set cofferdam.mode: live, or scale it down first");
      }
    }
    const auto& key = chosen.volume->key;
    if (chosen.mode == Mode::Pause) {
      paused_[user.node].insert(key);
      return;
    }
    const auto kept = kept_.find(user.node);
    if (kept == kept_.end()) {
      stopped_[user.node].insert(key);
      return;
    }
    if (is_dumped(user.node)) {
      throw PlanRefusal("cannot stop database " + user.node + " to copy " +
                        title_of(*chosen.volume) +
                        " while it is dumped: set cofferdam.mode: live or pause on that volume, "
                        "or stop on the volume of the database");
    }
    if (paused_[user.node].insert(key).second) {
      result_.warnings.push_back(kept->second.who + " writes volume " + key +
                                 ": it is paused only, so that copy is not quiesced");
    }
    auto& names = result_.only_paused[key];
    if (std::find(names.begin(), names.end(), user.container_name) == names.end()) {
      names.push_back(user.container_name);
    }
  }

  [[nodiscard]] bool is_dumped(const std::string& node) const {
    return std::any_of(selection_.databases.begin(), selection_.databases.end(),
                       [&](const auto& database) { return database.service == node; });
  }

  void find_touched() {
    std::vector<Touched> seeds;
    for (const auto& [node, keys] : stopped_) {
      const std::vector<std::string> names(keys.begin(), keys.end());
      seeds.push_back({node, "writes " + listed(names)});
    }
    std::set<std::string> staying = down_;
    for (const auto& [node, kept] : kept_) {
      staying.insert(node);
    }
    for (const auto& [node, reason] : selection_.also_stopped) {
      if (!staying.contains(node) && !stopped_.contains(node)) {
        seeds.push_back({node, reason});
      }
    }
    for (auto& touched : compose::touched_services(stack_, seeds, staying)) {
      actors_[touched.name] = {Action::Stop, touched.reason};
    }
    for (const auto& [node, keys] : paused_) {
      const std::vector<std::string> names(keys.begin(), keys.end());
      actors_.emplace(node, Actor{Action::Pause, "writes " + listed(names)});
    }
  }

  // What stays must be able to live while what it needs is down.
  void check_staying() {
    for (const auto& dependency : stack_.dependencies) {
      const auto kept = kept_.find(dependency.from);
      const auto actor = actors_.find(dependency.to);
      if (kept == kept_.end() || actor == actors_.end() || actor->second.action != Action::Stop) {
        continue;
      }
      if (dependency.is_namespace) {
        throw PlanRefusal("cannot stop " + shown(dependency.to) + ", which " +
                          actor->second.reason + ": " + kept->second.who + " shares its " +
                          dependency.shared +
                          " and has to stay up. Set cofferdam.mode: pause or "
                          "live on the volume, or do not share");
      }
      if (dependency.restart && !kept->second.silent) {
        result_.warnings.push_back(kept->second.who + " stays up although it depends on " +
                                   shown(dependency.to) + " with restart: true");
      }
    }
  }

  void list_containers() {
    std::set<std::string> names;
    for (const auto& [node, actor] : actors_) {
      names.insert(node);
    }
    const auto order = compose::start_order(stack_, names);
    for (const auto& cycle : order.broken_cycles) {
      result_.warnings.push_back("dependencies go round in a circle: " + cycle);
    }
    for (std::size_t level = order.levels.size(); level-- > 0;) {
      for (const auto& node : order.levels[level]) {
        for (const auto* container : compose::containers_of(stack_, node)) {
          add(*container, node, level);
        }
      }
    }
  }

  void add(const Container& container, const std::string& node, std::size_t level) {
    if (!dockerapi::alive(container) || (stack_.self && container.id == *stack_.self)) {
      return;
    }
    if (compose::is_swarm_task(container)) {
      throw PlanRefusal("cannot stop " + container.name + ", which " + actors_.at(node).reason +
                        ": it is a task of a Swarm, which would replace it at once");
    }
    Action action = actors_.at(node).action;
    if (action == Action::Pause && container.state == ContainerState::Paused) {
      return;
    }
    if (container.state == ContainerState::Restarting) {
      result_.warnings.push_back(container.name + " keeps restarting");
      // The engine pauses nothing that is between two lives.
      action = cannot_come_back(container) ? action : Action::Stop;
    }
    warn_of_stranger(container, node, action);
    PlannedStop stop;
    stop.container = container.id;
    stop.name = container.name;
    stop.project = compose::label(container, compose::kProjectLabel);
    stop.service = compose::is_compose_container(container)
                       ? compose::label(container, compose::kServiceLabel)
                       : std::string();
    stop.number = compose::replica_number(container);
    stop.action = action;
    stop.level = level;
    stop.state = container.state;
    stop.restart_policy = container.restart_policy;
    stop.started_at = container.started_at;
    stop.await_healthy = action == Action::Stop && awaited(container, node);
    stop.reason = actors_.at(node).reason;
    result_.stops.push_back(std::move(stop));
  }

  void warn_of_stranger(const Container& container, const std::string& node, Action action) {
    if (compose::label(container, compose::kProjectLabel) != stack_.project) {
      result_.warnings.push_back(shown(node) + " is not of this project and is " +
                                 (action == Action::Stop ? "stopped" : "paused") + " too: it " +
                                 actors_.at(node).reason);
    }
  }

  bool awaited(const Container& container, const std::string& node) {
    const bool has_check =
        container.health_check.has_value() || container.health != dockerapi::Health::None;
    const bool wanted = std::any_of(
        stack_.dependencies.begin(), stack_.dependencies.end(), [&](const Dependency& dependency) {
          return dependency.to == node &&
                 (dependency.condition == compose::Condition::Healthy ||
                  dependency.condition == compose::Condition::RunningOrHealthy);
        });
    if (wanted && container.health == dockerapi::Health::Unhealthy) {
      result_.warnings.push_back(container.name +
                                 " is unhealthy already: its health will not be awaited");
      return false;
    }
    return wanted && has_check;
  }

  struct Actor {
    Action action = Action::Stop;
    std::string reason;
  };

  const Stack& stack_;
  const Selection& selection_;
  std::map<std::string, Kept> kept_;                      // nodes that are never stopped
  std::set<std::string> down_;                            // nodes without a live container
  std::map<std::string, std::set<std::string>> stopped_;  // node, keys of the volumes it writes
  std::map<std::string, std::set<std::string>> paused_;
  std::map<std::string, Actor> actors_;
  StopSet result_;
};

}  // namespace

StopSet stop_set(const Stack& stack, const Selection& selection) {
  return Planner(stack, selection).run();
}

}  // namespace controller
