#include "controller/restore/restore_stops.h"

#include <algorithm>
#include <set>

#include "controller/plan/selection.h"
#include "controller/plan/stop_set.h"

namespace controller {

namespace {

using compose::StackVolume;

std::string listed(const std::set<std::string>& names) {
  std::string text;
  for (const auto& name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

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
      keep_up(database.record.service);
    }
    refuse(stop_set(stack_, selection_), stop_running);
    for (const auto& database : plan_.databases) {
      stop_dependents(database.record.service);
    }
    const StopSet set = stop_set(stack_, selection_);
    plan_.stops = set.stops;
    for (auto& stop : plan_.stops) {
      constexpr std::string_view kWrites = "writes ";
      if (stop.reason.starts_with(kWrites)) {
        stop.reason = "uses " + stop.reason.substr(kWrites.size());
      }
    }
    plan_.warnings.insert(plan_.warnings.end(), set.warnings.begin(), set.warnings.end());
    await_everybody();
  }

 private:
  void keep_up(const std::string& service) {
    PlannedDatabase kept;
    kept.service = service;
    selection_.databases.push_back(std::move(kept));
  }

  /// The server stays, and those who count on its data go: to be asked for, that needs no flag.
  void stop_dependents(const std::string& service) {
    for (const auto& dependency : stack_.dependencies) {
      if (dependency.to == service) {
        selection_.also_stopped.emplace(dependency.from, "depends on database " + service);
      }
    }
  }

  /// What was restored is proven by the health of those who use it, whoever depends on them.
  void await_everybody() {
    for (auto& stop : plan_.stops) {
      for (const auto* container : all_containers()) {
        const bool checked =
            container->health_check || container->health != dockerapi::Health::None;
        if (container->id == stop.container && checked &&
            container->health != dockerapi::Health::Unhealthy) {
          stop.await_healthy = true;
        }
      }
    }
  }

  [[nodiscard]] std::vector<const dockerapi::Container*> all_containers() const {
    std::vector<const dockerapi::Container*> all;
    for (const auto& member : stack_.services) {
      for (const auto& replica : member.replicas) {
        all.push_back(&replica);
      }
    }
    for (const auto& other : stack_.others) {
      all.push_back(&other);
    }
    return all;
  }

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

void plan_stops(const compose::Observation& seen, const compose::Stack& stack, bool stop_running,
                RestorePlan& plan) {
  refuse_strangers(seen, stack, plan);
  Stops(stack, plan).decide(stop_running);
}

}  // namespace controller
