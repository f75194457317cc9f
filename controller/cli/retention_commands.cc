#include "controller/cli/commands.h"
#include "controller/cli/copy_pruning.h"
#include "controller/cli/retention_outlook.h"
#include "controller/cli/retention_views.h"
#include "controller/cli/turn.h"
#include "controller/cli/workplace.h"
#include "controller/clock.h"

namespace controller {

namespace {

StoreStanding standing_of(Workplace& place, std::vector<SnapshotEntry> snapshots) {
  return standing_of(place.settings(), place.project(), std::move(snapshots), place.journal());
}

/// What the store's own plan came to.
struct PrunedStore {
  RetentionPlan plan;
  PruneOutcome outcome;
  std::string objection;  // why it was not executed; empty: it was
};

PrunedStore prune_store(const CommandContext& context, const PruneWords& words, Workplace& place) {
  const auto lock = take_turn(context, place.store(), "prune");
  PrunedStore here;
  here.plan = plan_of(standing_of(place, place.store().list_anew()));
  here.objection = objection(here.plan, words);
  if (here.objection.empty()) {
    ask_to_prune(retention_text(here.plan), dropped(here.plan).size(), words);
    here.outcome = prune(place.store(), here.plan, now_in_seconds(), context.settings.prune_grace);
  }
  return here;
}

void show_outcome(const CommandContext& context, const PrunedStore& here,
                  const std::vector<PrunedCopies>& there) {
  if (context.output.json) {
    print(retention_json(here.plan, here.outcome, there));
    return;
  }
  const auto removed = outcome_text(there);
  const bool idle = here.outcome == PruneOutcome{} && !removed.empty();
  if (here.objection.empty() && !idle) {
    print(outcome_text(here.outcome, context.settings.prune_grace));
  }
  print(removed);
}

/// Throws Refusal with the first objection; Degraded if a destination could not be pruned.
ExitCode ended(const PrunedStore& here, const std::vector<PrunedCopies>& there) {
  if (!here.objection.empty()) {
    throw Refusal(here.objection);
  }
  auto code = ExitCode::Success;
  for (const auto& one : there) {
    if (!one.objection.empty()) {
      throw Refusal("at " + one.destination + ": " + one.objection);
    }
    if (!one.problem.empty() || !one.outcome.withheld.empty()) {
      code = ExitCode::Degraded;
    }
  }
  return code;
}

}  // namespace

ExitCode run_prune(const CommandContext& context, const PruneWords& words) {
  auto output = context.output;
  if (output.json) {
    output.log_level = "off";  // the one document says it all
  }
  const auto reporter = make_reporter(output);
  Workplace place(context.settings, *reporter);
  if (words.dry_run) {
    const auto standing = standing_of(place, place.store().list());
    const auto plan = plan_of(standing);
    const auto there = prune_destinations(
        context, words, place.store(), [&] { return standing; }, *reporter);
    print(context.output.json ? retention_json(plan, {}, there)
                              : retention_text(plan) + retention_text(there));
    return ExitCode::Success;
  }
  const auto here = prune_store(context, words, place);
  const auto there = prune_destinations(
      context, words, place.store(), [&] { return standing_of(place, place.store().list_anew()); },
      *reporter);
  show_outcome(context, here, there);
  return ended(here, there);
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
