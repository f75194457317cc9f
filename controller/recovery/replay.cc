#include "controller/recovery/replay.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <set>

#include "compose/stack.h"
#include "controller/drill/drill_site.h"
#include "controller/outage/bring_back.h"
#include "controller/recovery/hook_recovery.h"
#include "controller/recovery/swap_recovery.h"
#include "controller/restore/rollback.h"

namespace controller {

namespace {

std::vector<Step> steps_of(Setting& setting, const std::string& job, Step::Kind kind) {
  auto steps = setting.journal.open_steps(job);
  std::erase_if(steps, [&](const Step& step) { return step.kind != kind; });
  return steps;
}

void settle(Setting& setting, const std::vector<Step>& steps) {
  for (const auto& step : steps) {
    setting.journal.settle(step.id);
  }
}

/// Settles the steps of those containers that are back.
bool containers_back(Setting& setting, const JobRecord& job, ReplayReport& report) {
  const auto steps = steps_of(setting, job.id, Step::Kind::Container);
  std::vector<PlannedStop> stops;
  for (const auto& step : steps) {
    stops.push_back(step.stop);
  }
  std::set<std::string> back;
  BringBackOptions options;
  options.restore_restart_policy = true;
  std::mutex mutex;
  options.back = [&](const PlannedStop& stop) {
    const std::scoped_lock lock(mutex);
    back.insert(stop.container.value);
    report.actions.push_back("container " + stop.name + " is back");
  };
  for (const auto& failure : bring_back(setting.engine, setting.clock, stops, options)) {
    report.problems.push_back("container " + failure.container + ": " + failure.text);
  }
  bool all = true;  // a container may have gone down twice in one job
  for (const auto& step : steps) {
    if (back.contains(step.stop.container.value)) {
      setting.journal.settle(step.id);
    } else {
      all = false;
    }
  }
  return all;
}

/// Agents of the dead jobs, and our own of jobs that are long over.
void reap_agents(Setting& setting, const std::set<std::string>& dead, ReplayReport& report) {
  const auto label = [](const dockerapi::Container& container, const std::string& name) {
    const auto found = container.labels.find(name);
    return found == container.labels.end() ? std::string() : found->second;
  };
  for (const auto& container : setting.engine.containers({{{"cofferdam.role", "helper"}}, ""})) {
    if (label(container, "cofferdam.instance") != setting.agent.instance &&
        !dead.contains(label(container, "cofferdam.job"))) {
      continue;
    }
    setting.engine.remove(container.id);
    report.actions.push_back("agent container " + container.name + " is removed");
  }
}

/// What a drill had made goes; a drill has touched nothing else.
bool drill_gone(Setting& setting, const JobRecord& job, ReplayReport& report) {
  const auto steps = steps_of(setting, job.id, Step::Kind::Drill);
  if (steps.empty()) {
    return true;
  }
  try {
    for (const auto& what : remove_drill(setting.engine, {{"cofferdam.job", job.id}})) {
      report.actions.push_back("the drill's " + what + " is removed");
    }
  } catch (const dockerapi::Unreachable&) {
    throw;  // nothing else will work either
  } catch (const dockerapi::Error& error) {
    report.problems.emplace_back(error.what());
    return false;
  }
  settle(setting, steps);
  return true;
}

/// True if nothing of the job is left to undo.
bool replay_job(Setting& setting, const JobRecord& job, ReplayReport& report) {
  bool complete = recover_swaps(setting, job, report);
  complete = containers_back(setting, job, report) && complete;
  complete = drill_gone(setting, job, report) && complete;
  // Not before everything runs as it did: hooks count on it.
  complete = complete && run_due_hooks(setting, job, report);
  settle(setting, steps_of(setting, job.id, Step::Kind::Draft));
  return complete;
}

}  // namespace

ReplayReport bring_containers_back(Setting& setting) {
  ReplayReport report;
  for (const auto& job : setting.journal.open_jobs()) {
    containers_back(setting, job, report);
  }
  return report;
}

ReplayReport replay(Setting& setting) {
  ReplayReport report;
  const auto jobs = setting.journal.open_jobs();
  std::set<std::string> dead;
  for (const auto& job : jobs) {
    dead.insert(job.id);
  }
  for (const auto& point : setting.journal.points()) {
    if (point.dropping) {
      dead.insert(point.job);
    }
  }
  reap_agents(setting, dead, report);
  for (const auto& job : jobs) {
    const bool complete = replay_job(setting, job, report);
    if (complete) {
      setting.journal.finish(job.id, job.past_commit ? "success" : "interrupted",
                             "finished by the next start");
      report.actions.push_back(job.kind + " " + job.snapshot + " of " + job.started_at +
                               " is recorded as interrupted");
    }
  }
  try {
    std::ranges::copy(finish_drops(setting), std::back_inserter(report.actions));
  } catch (const dockerapi::Unreachable&) {
    throw;
  } catch (const std::exception& error) {
    report.problems.emplace_back(error.what());
  }
  for (const auto& name : setting.store.sweep()) {
    report.actions.push_back("half-written snapshot " + name + " is removed");
  }
  return report;
}

}  // namespace controller
