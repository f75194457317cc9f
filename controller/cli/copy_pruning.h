// Retention at destinations, as a part of `prune`.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "controller/cli/commands.h"
#include "controller/cli/retention_outlook.h"
#include "controller/cli/retention_views.h"
#include "controller/remote/destination.h"
#include "controller/reporter.h"
#include "controller/retention/retention_plan.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// A destination that has rules of its own.
struct PrunedDestination {
  Destination destination;
  RetentionPolicy rules;
};

/// Throws SettingError.
std::vector<PrunedDestination> pruned_destinations(const Settings& settings);

/// Why the plan may not be executed with these words; empty: it may.
std::string objection(const RetentionPlan& plan, const PruneWords& words);

/// Asks unless that was said beforehand.  Throws Refusal.
void ask_to_prune(const std::string& plan_text, std::size_t count, const PruneWords& words);

/// Looks at each destination, with what the store knows at that moment, and unless it is a dry run,
/// drops what its plan says.  One that cannot be reached, or may not be pruned, does not keep the
/// others: it is told.  The schedules that are counted for themselves in the store are so there, by
/// the destination's rules.  Throws Interrupted, and Refusal where somebody was asked and said no.
std::vector<PrunedCopies> prune_destinations(const CommandContext& context, const PruneWords& words,
                                             SnapshotStore& store,
                                             const std::function<StoreStanding()>& standing,
                                             Reporter& reporter);

}  // namespace controller
