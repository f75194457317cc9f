#include "controller/drill/drill_plan.h"

#include <algorithm>
#include <set>

#include "compose/start_order.h"
#include "controller/drill/drill_container.h"
#include "controller/drill/drill_mounts.h"

namespace controller {

namespace {

using compose::Condition;
using dockerapi::Container;
using dockerapi::ContainerState;

/// The container that shows how the service is run.
const Container* model_of(const compose::Stack& stack, const std::string& name) {
  const auto* member = compose::find_service(stack, name);
  if (!member || member->replicas.empty()) {
    return nullptr;
  }
  const auto running = std::ranges::find_if(member->replicas, dockerapi::alive);
  return running == member->replicas.end() ? &member->replicas.front() : &*running;
}

bool ends_by_itself(const compose::Stack& stack, const std::string& name) {
  return std::ranges::any_of(stack.dependencies, [&](const compose::Dependency& edge) {
    return edge.to == name && edge.condition == Condition::CompletedSuccessfully;
  });
}

class Planner {
 public:
  Planner(const compose::Stack& stack, const Policy& policy, const Manifest& manifest,
          const DrillSight& sight)
      : stack_(stack), policy_(policy), manifest_(manifest), sight_(sight) {
    plan_.snapshot = manifest.name;
    plan_.project = stack.project;
  }

  DrillPlan plan() {
    for (const auto& record : manifest_.services) {
      choose(record);
    }
    choose_databases();
    refuse_if_needed();
    arrange();
    return std::move(plan_);
  }

 private:
  void choose(const ServiceRecord& record) {
    const auto* live = model_of(stack_, record.name);
    if (const auto reason = reason_to_omit(record, live); !reason.empty()) {
      omit(record.name, reason);
    } else if (!sight_.recorded.contains(record.name)) {
      missing_.push_back("image " + record.image + " (" + record.image_id + ") of service " +
                         record.name + " is not on this engine, and nothing is pulled" +
                         (record.image_digests.empty()
                              ? ""
                              : "; docker pull " + record.image_digests.front() + " brings it"));
      omitted_.insert(record.name);
    } else {
      booted_[record.name] = live;
    }
  }

  [[nodiscard]] std::string reason_to_omit(const ServiceRecord& record,
                                           const Container* live) const {
    if (!live) {
      return "it has no container here, so nobody knows its environment";
    }
    if (live->id == stack_.self || live->image_id == sight_.own_image ||
        record.image_id == sight_.own_image) {
      return "it is Cofferdam itself";
    }
    const auto said = policy_.services.find(record.name);
    if (said != policy_.services.end() && !said->second.drill.value_or(true)) {
      return "cofferdam.drill says so";
    }
    if (holds_engine_socket(stack_, *live)) {
      return "it commands the Docker engine, which a drill lets nobody do";
    }
    const bool boots = dockerapi::alive(*live) || live->state == ContainerState::Created ||
                       ends_by_itself(stack_, record.name);
    return boots ? "" : "it does not run here";
  }

  void omit(const std::string& name, const std::string& reason) {
    plan_.omitted.push_back({"service", name, reason});
    omitted_.insert(name);
  }

  void choose_databases() {
    for (const auto& record : manifest_.databases) {
      if (!booted_.contains(record.service)) {
        missing_.push_back("database " + record.name + " needs service " + record.service +
                           ", which takes no part");
        continue;
      }
      const auto server =
          std::ranges::find(manifest_.servers, record.service, &ServerRecord::service);
      plan_.databases.push_back(
          {record, server == manifest_.servers.end() ? ServerRecord() : *server});
    }
  }

  void refuse_if_needed() {
    if (missing_.empty() && booted_.empty()) {
      missing_.push_back("no service of project " + stack_.project +
                         " can be booted; a drill takes their settings from the containers that "
                         "are here (docker compose create makes them)");
    }
    if (missing_.empty()) {
      return;
    }
    std::string text = "snapshot " + manifest_.name + " cannot be drilled here; nothing was made:";
    for (const auto& line : missing_) {
      text += "\n  " + line;
    }
    for (const auto& omission : plan_.omitted) {
      text += "\n  (" + omission.kind + " " + omission.name + ": " + omission.reason + ")";
    }
    throw DrillRefusal(text);
  }

  void arrange() {
    DrillMounts mounts(stack_, manifest_, sight_, plan_);
    std::set<std::string> names;
    for (const auto& [name, live] : booted_) {
      names.insert(name);
    }
    const auto order = compose::start_order(stack_, names);
    plan_.notes = order.broken_cycles;
    std::set<std::string> earlier;
    for (const auto& level : order.levels) {
      auto& services = plan_.levels.emplace_back();
      for (const auto& name : level) {
        services.push_back(service(name, earlier, mounts));
      }
      earlier.insert(level.begin(), level.end());
    }
  }

  DrillService service(const std::string& name, const std::set<std::string>& earlier,
                       DrillMounts& mounts) {
    const Container& live = *booted_.at(name);
    const auto& image = sight_.recorded.at(name);
    const auto known = sight_.live.find(name);
    DrillService planned;
    planned.name = name;
    planned.image = std::ranges::find(manifest_.services, name, &ServiceRecord::name)->image;
    planned.one_shot = ends_by_itself(stack_, name);
    planned.container = drill_container(
        live, known == sight_.live.end() ? std::nullopt : std::optional(known->second), image,
        planned.notes);
    planned.container.aliases = drill_aliases(name, live);
    set_namespaces(planned, live);
    mounts.add(live, image, planned);
    add_needs(planned, earlier);
    return planned;
  }

  /// Another service's namespace stays shared; the host's does not.
  void set_namespaces(DrillService& planned, const Container& live) const {
    auto& container = planned.container;
    container.network_mode = live.network_mode == "none" ? "none" : shared(live.network_mode);
    container.ipc_mode = live.ipc_mode == "shareable" ? "shareable" : shared(live.ipc_mode);
    container.pid_mode = shared(live.pid_mode);
    for (const auto& [what, mode] : {std::pair("network", live.network_mode),
                                     {"ipc namespace", live.ipc_mode},
                                     {"pid namespace", live.pid_mode}}) {
      if (mode == "host") {
        planned.notes.push_back(std::string("without the host's ") + what);
      }
    }
  }

  /// "service:NAME" if the mode names a container of one that is booted; else empty.
  [[nodiscard]] std::string shared(const std::string& mode) const {
    constexpr std::string_view kOther = "container:";
    if (!mode.starts_with(kOther)) {
      return "";
    }
    const auto other = mode.substr(kOther.size());
    for (const auto& [name, live] : booted_) {
      if (live->id.value == other || live->name == other) {
        return "service:" + name;
      }
    }
    return "";
  }

  /// What is started later, after a cycle was broken, is not waited for.
  void add_needs(DrillService& planned, const std::set<std::string>& earlier) {
    for (const auto& edge : stack_.dependencies) {
      if (edge.from != planned.name) {
        continue;
      }
      if (earlier.contains(edge.to)) {
        planned.needs.push_back({edge.to, edge.condition});
      } else if (omitted_.contains(edge.to)) {
        planned.notes.push_back("without waiting for " + edge.to + ", which takes no part");
      }
    }
  }

  const compose::Stack& stack_;
  const Policy& policy_;
  const Manifest& manifest_;
  const DrillSight& sight_;
  DrillPlan plan_;
  std::map<std::string, const Container*> booted_;  // by service
  std::set<std::string> omitted_;
  std::vector<std::string> missing_;
};

std::string needs_text(const DrillService& planned) {
  std::string text;
  for (const auto& need : planned.needs) {
    text += (text.empty() ? " after " : ", ") + need.service + " (" +
            std::string(compose::to_string(need.condition)) + ")";
  }
  return text;
}

std::string mounts_text(const DrillService& planned) {
  std::string text;
  for (const auto& mount : planned.mounts) {
    text +=
        "    " + mount.name + " at " + mount.target + (mount.read_only ? ", read-only" : "") + "\n";
  }
  for (const auto& note : planned.notes) {
    text += "    " + note + "\n";
  }
  return text;
}

}  // namespace

DrillPlan plan_drill(const compose::Stack& stack, const Policy& policy, const Manifest& manifest,
                     const DrillSight& sight) {
  return Planner(stack, policy, manifest, sight).plan();
}

std::string to_text(const DrillPlan& plan) {
  std::string text = "drill " + plan.snapshot + " as project " + plan.project + " is run\n";
  for (const auto& volume : plan.volumes) {
    text += "  volume " + volume.key + " as " + volume.name + ": " +
            (volume.record ? "from the snapshot" : "empty, " + volume.reason) + "\n";
  }
  for (const auto& file : plan.files) {
    text += "  file " + file.source + " as " + file.name + ": " +
            (file.record ? "from the snapshot" : "copied from the host") + "\n";
  }
  for (const auto& database : plan.databases) {
    text += "  database " + database.record.service + "/" + database.record.name + "\n";
  }
  for (std::size_t level = 0; level < plan.levels.size(); ++level) {
    for (const auto& planned : plan.levels[level]) {
      text += "  " + std::to_string(level) + ": service " + planned.name + " from " +
              planned.image + needs_text(planned) + (planned.one_shot ? ", to its end" : "") +
              "\n" + mounts_text(planned);
    }
  }
  for (const auto& omission : plan.omitted) {
    text += "  no " + omission.kind + " " + omission.name + ": " + omission.reason + "\n";
  }
  for (const auto& note : plan.notes) {
    text += "  " + note + "\n";
  }
  return text;
}

}  // namespace controller
