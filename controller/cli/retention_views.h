// What retention decides, for people and for scripts.
#pragma once

#include <chrono>
#include <string>

#include "controller/retention/prune.h"

namespace controller {

/// A line for each snapshot, and what stands in the way.
std::string retention_text(const RetentionPlan& plan);

/// One document: `snapshots` with name, created_at, kept and reasons, `obstacle` and
/// `needs_consent` (text or null), and what was done: `dropped`, `gone`, `removed`.
std::string retention_json(const RetentionPlan& plan, const PruneOutcome& outcome);

/// "dropped N snapshots …"
std::string outcome_text(const PruneOutcome& outcome, std::chrono::seconds grace);

}  // namespace controller
