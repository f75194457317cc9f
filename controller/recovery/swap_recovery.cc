#include "controller/recovery/swap_recovery.h"

#include <algorithm>
#include <map>
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

/// The staging places of a dead job: swapped back if they were swapped and may be, then removed.
void recover_volumes(Setting& setting, const JobRecord& job, const std::vector<Step>& steps,
                     ReplayReport& report) {
  AgentSpec spec{job.id, "restore", {}, restore_capabilities(), "none"};
  RestoreJob work{job.id, {}};
  std::vector<std::string> ids;
  for (const auto& step : steps) {
    if (step.detail.empty() || !volume_exists(setting, step.subject)) {
      continue;
    }
    const SwapPlace place = swap_place(step.detail, job.id);
    const std::string target = "/.cofferdam/r/" + std::to_string(ids.size());
    dockerapi::MountSpec mount;
    mount.kind = dockerapi::MountSpec::Kind::Bind;
    mount.source = place.parent;
    mount.target = target;
    mount.read_only = false;
    spec.mounts.push_back(std::move(mount));
    RestoreTree tree;
    tree.id = step.subject;
    tree.live = target + "/" + place.live;
    tree.staging = target + "/" + place.staging;
    work.trees.push_back(std::move(tree));
    ids.push_back(step.subject);
  }
  if (ids.empty()) {
    return;
  }
  Conversation agent(setting.engine, setting.agent, spec, to_line(work));
  if (!job.past_commit) {
    agent.run({"unswap", ids}, [](const Message&) {}, {});
  }
  agent.run({"discard", ids}, [](const Message&) {}, {});
  agent.finish();
  for (const auto& id : ids) {
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

void recover_databases(Setting& setting, const JobRecord& job, const std::vector<Step>& steps,
                       ReplayReport& report) {
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
    for (auto& action : job.past_commit ? session->keep(job.id) : session->recover(job.id)) {
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
  const auto swaps = steps_of(steps, Kind::VolumeSwap);
  const auto databases = steps_of(steps, Kind::DatabaseSwap);
  const auto created = steps_of(steps, Kind::VolumeCreated);
  bool complete =
      attempt(setting, swaps, report, [&] { recover_volumes(setting, job, swaps, report); });
  complete = attempt(setting, databases, report,
                     [&] { recover_databases(setting, job, databases, report); }) &&
             complete;
  complete =
      attempt(setting, created, report, [&] { remove_created(setting, job, created, report); }) &&
      complete;
  return complete;
}

}  // namespace controller
