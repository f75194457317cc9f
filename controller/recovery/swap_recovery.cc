#include "controller/recovery/swap_recovery.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <set>

#include "controller/agent/conversation.h"
#include "controller/restore/volume_restore.h"

namespace controller {

namespace {

using Kind = Step::Kind;

std::vector<Step> steps_of(const std::vector<Step>& steps, Kind kind) {
  std::vector<Step> chosen;
  std::ranges::copy_if(steps, std::back_inserter(chosen),
                       [&](const Step& step) { return step.kind == kind; });
  return chosen;
}

void settle(Setting& setting, const std::vector<Step>& steps) {
  for (const auto& step : steps) {
    setting.journal.settle(step.id);
  }
}

bool volume_exists(Setting& setting, const std::string& name) {
  try {
    setting.engine.inspect_volume(name);
    return true;
  } catch (const dockerapi::NotFound&) {
    return false;
  }
}

/// One agent over everything of the job that lies in volumes and bind mounts.
class VolumeRecovery {
 public:
  VolumeRecovery(Setting& setting, const JobRecord& job, const std::vector<Step>& steps)
      : setting_(setting) {
    AgentSpec spec{job.id, "restore", {}, restore_capabilities(), "none"};
    RestoreJob work{job.id, {}};
    for (const auto& step : steps) {
      add(step, job.id, spec, work);
    }
    if (ids_.empty()) {
      return;
    }
    spec.mounts.push_back(setting.store_mount.mount);
    spec.mounts.back().read_only = false;
    agent_ = std::make_unique<Conversation>(setting.engine, setting.agent, spec, to_line(work));
  }

  [[nodiscard]] const std::vector<std::string>& ids() const { return ids_; }

  /// Whether something that was swapped in is live.
  bool swapped() {
    bool any = false;
    run("measure", ids_, [&](const Message& message) {
      const auto* found = std::get_if<FreeSpaceMessage>(&message);
      any = any || (found && found->swapped);
    });
    return any;
  }

  void swap_back() {
    run("unswap", ids_, [](const Message&) {});
  }

  /// Removes what the job had made to be swapped in, or (after its commit) what it replaced.
  void discard() {
    run("discard", own_, [](const Message&) {});
  }

  void finish() {
    if (agent_) {
      agent_->finish();
    }
  }

 private:
  void add(const Step& step, const std::string& job, AgentSpec& spec, RestoreJob& work) {
    const bool bind = step.subject.starts_with('/');
    if (step.detail.empty() || (!bind && !volume_exists(setting_, step.subject))) {
      return;
    }
    const std::string target = "/.cofferdam/r/" + std::to_string(ids_.size());
    RestoreTree tree;
    tree.id = step.subject;
    if (step.kind == Kind::VolumeReplacement) {
      tree.method = SwapMethod::InPlace;
      spec.mounts.push_back(writable_mount(step.subject, target));
      tree.live = target;
      tree.previous = setting_.store_mount.root + "/" + step.detail;
    } else {
      const auto place = swap_place(step.detail, step.place.empty() ? job : step.place);
      spec.mounts.push_back(writable_mount(place.parent, target));
      tree.live = target + "/" + place.live;
      tree.staging = target + "/" + place.staging;
    }
    if (step.place.empty()) {
      own_.push_back(step.subject);
    }
    ids_.push_back(step.subject);
    work.trees.push_back(std::move(tree));
  }

  void run(const std::string& command, const std::vector<std::string>& ids,
           const std::function<void(const Message&)>& on_message) {
    if (agent_ && !ids.empty()) {
      agent_->run({command, ids}, on_message, {});
    }
  }

  Setting& setting_;
  std::vector<std::string> ids_;
  std::vector<std::string> own_;  // those whose kept place is this job's
  std::unique_ptr<Conversation> agent_;
};

/// Nobody may have the data open while it is swapped.
void stop_users(Setting& setting, const std::vector<Step>& steps) {
  for (const auto& step : steps) {
    if (step.kind != Kind::Container || step.stop.action != PlannedStop::Action::Stop) {
      continue;
    }
    try {
      if (alive(setting.engine.inspect(step.stop.container))) {
        setting.engine.stop(step.stop.container, std::nullopt);
      }
    } catch (const dockerapi::NotFound&) {
      // Nothing of it runs.
    }
  }
}

bool keeps_something(Setting& setting, const JobRecord& job) {
  const auto points = setting.journal.points();
  return std::ranges::any_of(points, [&](const auto& point) { return point.job == job.id; });
}

void recover_volumes(Setting& setting, const JobRecord& job, const std::vector<Step>& steps,
                     const std::vector<Step>& all, ReplayReport& report) {
  VolumeRecovery volumes(setting, job, steps);
  if (!job.past_commit && volumes.swapped()) {
    stop_users(setting, all);
  }
  if (!job.past_commit) {
    volumes.swap_back();
  }
  if (!job.past_commit || !keeps_something(setting, job)) {
    volumes.discard();
  }
  volumes.finish();
  for (const auto& id : volumes.ids()) {
    report.actions.push_back("volume " + id +
                             (job.past_commit ? " is the restored one" : " is as it was"));
  }
}

std::optional<dockerapi::Container> server_of(Setting& setting, const std::string& project,
                                              const std::string& name) {
  for (const auto& container : setting.engine.containers(
           {{{"com.docker.compose.project", project}, {"com.docker.compose.service", name}}, ""})) {
    if (container.state == dockerapi::ContainerState::Running) {
      return container;
    }
  }
  return std::nullopt;
}

/// A restore that keeps nothing of what it replaced had not come to dropping it.
void drop_unkept(Setting& setting, const JobRecord& job, const std::vector<Step>& steps,
                 const std::string& service, DatabaseSession& session) {
  if (keeps_something(setting, job)) {
    return;
  }
  for (const auto& step : steps) {
    if (step.subject == service) {
      session.drop_kept(step.detail, job.id);
    }
  }
}

void recover_databases(Setting& setting, const JobRecord& job, const std::vector<Step>& steps,
                       const std::vector<Step>& all, ReplayReport& report) {
  std::set<std::string> names;
  for (const auto& step : steps) {
    names.insert(step.subject);
  }
  for (const auto& name : names) {
    const auto container = server_of(setting, job.project, name);
    if (!container) {
      throw DatabaseError("service " + name +
                          " does not run, so its databases cannot be looked at");
    }
    const auto session = setting.databases.connect({*container, name, {"postgres", {}, ""}});
    if (job.past_commit) {
      session->keep(job.id);
      drop_unkept(setting, job, steps, name, *session);
      report.actions.push_back("databases of " + name + " are the restored ones");
      continue;
    }
    if (session->swapped(job.id)) {
      stop_users(setting, all);
    }
    for (auto& action : session->recover(job.id)) {
      report.actions.push_back(name + ": " + std::move(action));
    }
  }
}

void remove_created(Setting& setting, const JobRecord& job, const std::vector<Step>& steps,
                    ReplayReport& report) {
  if (job.past_commit) {
    return;
  }
  for (const auto& step : steps) {
    setting.engine.remove_volume(step.subject);
    report.actions.push_back("volume " + step.subject + ", which the job had made, is removed");
  }
}

/// Runs one part; a problem in it is reported and leaves its steps open.
template <typename Part>
bool attempt(Setting& setting, const std::vector<Step>& steps, ReplayReport& report, Part part) {
  if (steps.empty()) {
    return true;
  }
  try {
    part();
    settle(setting, steps);
    return true;
  } catch (const dockerapi::Unreachable&) {
    throw;  // nothing else will work either
  } catch (const std::exception& error) {
    report.problems.emplace_back(error.what());
    return false;
  }
}

}  // namespace

bool recover_swaps(Setting& setting, const JobRecord& job, ReplayReport& report) {
  const auto steps = setting.journal.open_steps(job.id);
  auto swaps = steps_of(steps, Kind::VolumeSwap);
  std::ranges::copy(steps_of(steps, Kind::VolumeReplacement), std::back_inserter(swaps));
  const auto databases = steps_of(steps, Kind::DatabaseSwap);
  const auto created = steps_of(steps, Kind::VolumeCreated);
  bool complete =
      attempt(setting, swaps, report, [&] { recover_volumes(setting, job, swaps, steps, report); });
  complete = attempt(setting, databases, report,
                     [&] { recover_databases(setting, job, databases, steps, report); }) &&
             complete;
  complete =
      attempt(setting, created, report, [&] { remove_created(setting, job, created, report); }) &&
      complete;
  return complete;
}

}  // namespace controller
