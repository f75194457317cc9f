#include <algorithm>
#include <map>

#include "controller/calendar/time_zone.h"
#include "controller/cli/commands.h"
#include "controller/cli/confirmation.h"
#include "controller/cli/copies.h"
#include "controller/cli/retention_views.h"
#include "controller/cli/schedule_settings.h"
#include "controller/cli/turn.h"
#include "controller/cli/workplace.h"
#include "controller/clock.h"
#include "controller/retention/snapshot_candidates.h"

namespace controller {

namespace {

constexpr int kJobsLookedAt = 1000;

std::chrono::sys_seconds now() {
  return std::chrono::floor<std::chrono::seconds>(SystemClock().now());
}

/// The clocks that days and weeks go by.
TimeZone zone_of(const Settings& settings) {
  try {
    return TimeZone(settings.time_zone);
  } catch (const UnknownTimeZone& error) {
    throw SettingError(std::string("COFFERDAM_TIME_ZONE or TZ: ") + error.what());
  }
}

/// Snapshots that somebody works with, or may want again.
std::map<std::string, std::string> in_use(const Settings& settings, Journal& journal) {
  auto used = owed_copies(settings);
  for (const auto& point : journal.points()) {
    used[point.snapshot] = "its " + point.kind + " of " + point.created_at +
                           " can be undone until " + point.expires_at;
  }
  for (const auto& job : journal.open_jobs()) {
    used[job.snapshot] = job.kind + " " + job.id + " is not finished";
  }
  return used;
}

/// The newest capture of the project, if it left no snapshot.
std::string failed_run(Journal& journal, const std::string& project) {
  const auto jobs = journal.jobs(kJobsLookedAt);
  const auto last = std::ranges::find_if(
      jobs, [&](const JobRecord& job) { return job.kind == "create" && job.project == project; });
  if (last == jobs.end() || last->state == to_string(Status::Success) ||
      last->state == to_string(Status::Degraded)) {
    return {};
  }
  return "create " + last->snapshot + " of " + last->started_at + " (" + last->state + ")";
}

RetentionPlan plan_of(Workplace& place) {
  const auto project = place.project();
  auto candidates = retention_candidates(place.store().list(), project,
                                         in_use(place.settings(), place.journal()));
  const auto zone = zone_of(place.settings());
  const auto policies = retention_of(place.settings(), schedules_of(place.settings(), project));
  return plan_retention(policies, std::move(candidates),
                        {now(), [zone](auto time) { return zone.civil(time); },
                         failed_run(place.journal(), project)});
}

void show(const CommandContext& context, const RetentionPlan& plan) {
  print(context.output.json ? retention_json(plan, {}) : retention_text(plan));
}

/// Throws Refusal unless this may be done.
void ask(const RetentionPlan& plan, const PruneWords& words) {
  if (dropped(plan).empty()) {
    return;
  }
  if (!plan.obstacle.empty()) {
    throw Refusal(plan.obstacle);
  }
  if (!plan.needs_consent.empty() && !words.confirm) {
    throw Refusal(plan.needs_consent + "; look at `cofferdam prune --dry-run`, then add --confirm");
  }
  if (!words.yes) {
    complain(retention_text(plan));
    confirm("Drop " + std::to_string(dropped(plan).size()) + " snapshots?", "--yes");
  }
}

}  // namespace

ExitCode run_prune(const CommandContext& context, const PruneWords& words) {
  const auto reporter = make_reporter(context.output);
  Workplace place(context.settings, *reporter);
  if (words.dry_run) {
    show(context, plan_of(place));
    return ExitCode::Success;
  }
  const auto lock = take_turn(context, place.store(), "prune");
  const auto plan = plan_of(place);
  ask(plan, words);
  const auto outcome = prune(place.store(), plan, now(), context.settings.prune_grace);
  print(context.output.json ? retention_json(plan, outcome)
                            : outcome_text(outcome, context.settings.prune_grace));
  return ExitCode::Success;
}

ExitCode run_pin(const CommandContext& context, const std::string& name) {
  open_directory_store(context.settings.store)->pin(name);
  if (!context.output.quiet) {
    complain("pinned " + name);
  }
  return ExitCode::Success;
}

ExitCode run_unpin(const CommandContext& context, const std::string& name) {
  open_directory_store(context.settings.store)->unpin(name);
  if (!context.output.quiet) {
    complain("unpinned " + name);
  }
  return ExitCode::Success;
}

}  // namespace controller
