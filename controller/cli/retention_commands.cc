#include "controller/cli/commands.h"
#include "controller/cli/confirmation.h"
#include "controller/cli/retention_outlook.h"
#include "controller/cli/retention_views.h"
#include "controller/cli/turn.h"
#include "controller/cli/workplace.h"
#include "controller/clock.h"
#include "controller/retention/prune.h"

namespace controller {

namespace {

std::chrono::sys_seconds now() {
  return std::chrono::floor<std::chrono::seconds>(SystemClock().now());
}

RetentionPlan plan_of(Workplace& place) {
  return retention_outlook(place.settings(), place.project(), place.store().list(),
                           place.journal());
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
