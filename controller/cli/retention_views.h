// What retention decides, for people and for scripts.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "controller/retention/prune.h"
#include "controller/retention/prune_copies.h"

namespace controller {

/// What pruning came to at one destination.
struct PrunedCopies {
  std::string destination;
  RetentionPlan plan;
  CopyPruneOutcome outcome = {};
  std::string objection = {};  // why the plan was not executed; empty: it was, or was only shown
  std::string problem = {};    // why there is none, or not all of it; empty: there is
};

/// A line for each snapshot, and what stands in the way.
std::string retention_text(const RetentionPlan& plan);

/// The same for each destination, with its name, or why nothing can be said of it.
std::string retention_text(const std::vector<PrunedCopies>& destinations);

/// One document: `snapshots` with name, created_at, kept and reasons, `obstacle` and
/// `needs_consent` (text or null), what was done: `dropped`, `gone`, `removed`; and `destinations`,
/// each with its name, the first three, `removed`, `withheld` (name and message) and `problem`.
std::string retention_json(const RetentionPlan& plan, const PruneOutcome& outcome,
                           const std::vector<PrunedCopies>& destinations);

/// "dropped N snapshots …"
std::string outcome_text(const PruneOutcome& outcome, std::chrono::seconds grace);

/// A line for each copy that was removed; nothing of what was not.
std::string outcome_text(const std::vector<PrunedCopies>& destinations);

}  // namespace controller
