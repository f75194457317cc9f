#include "controller/plan/capture_plan.h"

#include <algorithm>
#include <set>

#include "controller/plan/artifact_names.h"
#include "controller/plan/coverage.h"
#include "controller/plan/database_choice.h"
#include "controller/plan/flags.h"
#include "controller/plan/platform_version.h"
#include "controller/plan/selection.h"
#include "controller/plan/stop_set.h"

namespace controller {

namespace {

std::vector<std::string> foreign_writers(const compose::Stack& stack,
                                         const std::vector<compose::VolumeUser>& users) {
  std::set<std::string> names;
  for (const auto& user : users) {
    if (user.writes && compose::find_service(stack, user.node) == nullptr) {
      names.insert(compose::shown(user.node));
    }
  }
  return {names.begin(), names.end()};
}

PlannedVolume planned(const compose::Stack& stack, const ChosenVolume& chosen) {
  const auto& volume = *chosen.volume;
  const auto users = users_of(stack, volume);
  PlannedVolume entry;
  entry.key = volume.key;
  entry.kind = volume.kind;
  entry.name = volume.name;
  entry.mode = chosen.mode;
  entry.exclude = chosen.exclude;
  entry.producers = services_with(stack, users, Access::Writes);
  entry.readers = services_with(stack, users, Access::OnlyReads);
  entry.foreign_producers = foreign_writers(stack, users);
  entry.reason = chosen.reason;
  entry.holds_cluster = chosen.holds_cluster;
  return entry;
}

std::vector<PlannedVolume> planned_volumes(const compose::Stack& stack, const Selection& selection,
                                           const StopSet& stops, const std::string& extension) {
  std::vector<std::string> keys;
  for (const auto& chosen : selection.volumes) {
    keys.push_back(chosen.volume->key);
  }
  const auto names = artifact_names(keys);
  std::vector<PlannedVolume> volumes;
  for (const auto& chosen : selection.volumes) {
    auto volume = planned(stack, chosen);
    volume.artifact = "volumes/" + names.at(volume.key) + ".tar" + extension;
    if (const auto paused = stops.only_paused.find(volume.key); paused != stops.only_paused.end()) {
      volume.only_paused = paused->second;
    }
    volumes.push_back(std::move(volume));
  }
  return volumes;
}

/// A failure concerns whoever asked to be told of one, whatever was to be captured.
bool wants(const PlanRequest& request, const PlannedHook& hook) {
  return request.services.empty() || hook.moment == HookMoment::OnFailure ||
         std::ranges::find(request.services, hook.service) != request.services.end();
}

std::vector<PlannedHook> planned_hooks(const compose::Stack& stack, const Policy& policy,
                                       const PlanRequest& request) {
  std::vector<PlannedHook> hooks;
  for (const auto moment : {HookMoment::PreBackup, HookMoment::PostBackup, HookMoment::OnFailure}) {
    for (auto& hook : plan_hooks(stack, policy, moment)) {
      if (wants(request, hook)) {
        hooks.push_back(std::move(hook));
      }
    }
  }
  return hooks;
}

std::vector<std::string> hook_warnings(const compose::Stack& stack,
                                       const std::vector<PlannedHook>& hooks) {
  std::vector<std::string> warnings;
  for (const auto& hook : hooks) {
    const auto* service = compose::find_service(stack, hook.service);
    const bool runs = std::ranges::any_of(service->replicas, [](const auto& container) {
      return container.state == dockerapi::ContainerState::Running;
    });
    if (!runs) {
      warnings.push_back("the " + title_of(hook) + " would fail now: none of its containers runs");
    }
  }
  return warnings;
}

/// Found out at the backup, not years later at the restore.
void check_sql_hooks(const compose::Stack& stack, const Policy& policy,
                     const PlanRequest& request) {
  const auto databases = known_databases(stack, policy, request);
  for (const auto& hook : plan_hooks(stack, policy, HookMoment::PostRestore)) {
    if (!hook.sql.empty() &&
        std::ranges::find(databases, hook.service, &KnownDatabase::service) == databases.end()) {
      throw PolicyError(hook.reason + ": cofferdam.hook.post-restore.sql: service " + hook.service +
                        " is no database server that is known");
    }
  }
}

}  // namespace

CapturePlan plan_capture(const compose::Stack& stack, const Policy& policy,
                         const PlanRequest& request) {
  check_sql_hooks(stack, policy, request);
  const auto selection = select(stack, policy, request);
  const auto stops = stop_set(stack, selection);

  CapturePlan plan;
  plan.project = stack.project;
  plan.platform_version = platform_version(stack, policy, request);
  plan.working_directory = stack.working_directory;
  plan.config_files = stack.config_files;
  plan.volumes = planned_volumes(stack, selection, stops, request.compression_extension);
  plan.databases = selection.databases;
  plan.stops = stops.stops;
  plan.hooks = planned_hooks(stack, policy, request);
  plan.unprotected = unprotected(stack, selection);
  const auto of_hooks = hook_warnings(stack, plan.hooks);
  for (const auto* warnings :
       {&request.problems, &selection.warnings, &stops.warnings, &of_hooks, &stack.observations}) {
    plan.warnings.insert(plan.warnings.end(), warnings->begin(), warnings->end());
  }
  plan.last = request.last;
  return plan;
}

}  // namespace controller
