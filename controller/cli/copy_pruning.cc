#include "controller/cli/copy_pruning.h"

#include <algorithm>
#include <set>

#include "controller/archive/volume_archive.h"
#include "controller/cli/confirmation.h"
#include "controller/cli/destination_retention.h"
#include "controller/cli/open_destination.h"
#include "controller/remote/copy_notes.h"
#include "controller/remote/snapshot_copy.h"
#include "controller/retention/copy_candidates.h"

namespace controller {

namespace {

/// As in the store, by the destination's rules.
RetentionPolicies policies_at(const RetentionPolicies& here, const RetentionPolicy& rules) {
  RetentionPolicies policies{rules, here.of_schedules};
  for (auto& [schedule, policy] : policies.of_schedules) {
    policy = rules;
  }
  return policies;
}

/// The newest good snapshot of the project, if its copy has still to come.
std::string owed_copy(const StoreStanding& standing, const CopyNotes& notes) {
  const auto newest = std::ranges::find_if(
      standing.snapshots.rbegin(), standing.snapshots.rend(), [&](const SnapshotEntry& one) {
        return one.summary && one.summary->project == standing.project &&
               one.summary->status == Status::Success;
      });
  const bool owed = newest != standing.snapshots.rend() && notes.find(newest->name);
  return owed ? "the copy of " + newest->name : "";
}

std::set<std::string> pinned_in(const StoreStanding& standing) {
  std::set<std::string> names;
  for (const auto& one : standing.snapshots) {
    if (one.pinned) {
      names.insert(one.name);
    }
  }
  return names;
}

KnownHere known_here(const StoreStanding& standing, const CopyNotes& notes) {
  KnownHere known{standing.project, standing.snapshots, {}, standing.in_use};
  for (const auto& copy : notes.made().all()) {
    known.made.insert(copy.folder);
  }
  for (const auto& note : notes.all()) {
    known.in_use.emplace(note.snapshot, "its copy is owed");
  }
  return known;
}

/// One destination, at work.
class CopyPruning {
 public:
  CopyPruning(const CommandContext& context, const PrunedDestination& pruned,
              std::function<StoreStanding()> standing)
      : notes_(context.settings.store, pruned.destination),
        open_(pruned.destination, context.stop),
        rules_(pruned.rules),
        standing_(std::move(standing)) {}

  /// What the rules say of what is there.
  RetentionPlan look() {
    copies_ = list_remote(open_.objects(), open_.destination().prefix);
    const auto standing = standing_();
    pinned_ = pinned_in(standing);
    auto moment = standing.moment;
    moment.owed = open_.destination().upload ? owed_copy(standing, notes_) : "";
    return plan_retention(policies_at(standing.policies, rules_),
                          copy_candidates(copies_, known_here(standing, notes_)), moment);
  }

  void prune(const PruneWords& words, SnapshotStore& store, PrunedCopies& result) {
    const auto lock = lock_copies(notes_, "prune");
    result.outcome = finish_pruning(open_.objects(), notes_, store);
    result.plan = look();
    result.objection = objection(result.plan, words);
    if (!result.objection.empty()) {
      return;
    }
    ask_to_prune("at " + result.destination + ":\n" + retention_text(result.plan),
                 dropped(result.plan).size(), words);
    const auto done =
        prune_copies({open_.objects(), open_.destination().prefix}, notes_, copies_, result.plan,
                     [&](const std::string& name) { return pinned_since(store, name); });
    result.outcome.removed.insert(result.outcome.removed.end(), done.removed.begin(),
                                  done.removed.end());
    result.outcome.withheld.insert(result.outcome.withheld.end(), done.withheld.begin(),
                                   done.withheld.end());
  }

 private:
  /// A pin of another snapshot of the name was known to the plan.
  [[nodiscard]] bool pinned_since(SnapshotStore& store, const std::string& name) const {
    try {
      return !pinned_.contains(name) && store.pinned(name);
    } catch (const NoSuchSnapshot&) {
      return false;
    }
  }

  CopyNotes notes_;
  OpenDestination open_;
  RetentionPolicy rules_;
  std::function<StoreStanding()> standing_;
  std::vector<RemoteSnapshot> copies_;
  std::set<std::string> pinned_;  // in the store, as the plan was made
};

void warn(const PrunedCopies& result, Reporter& reporter) {
  for (const auto& [name, why] : result.outcome.withheld) {
    reporter.warning("prune at " + result.destination + ": " + name + " stays: " + why);
  }
  if (!result.problem.empty()) {
    reporter.warning("prune at " + result.destination + ": " + result.problem);
  }
}

}  // namespace

std::vector<PrunedDestination> pruned_destinations(const Settings& settings) {
  std::vector<PrunedDestination> pruned;
  const auto destinations = destinations_of(settings);
  const auto rules =
      read_destination_retention(process_environment(), config_text(settings.config));
  for (const auto& destination : destinations) {
    if (const auto own = rules.find(destination.name); own != rules.end()) {
      pruned.push_back({destination, own->second});
    }
  }
  return pruned;
}

std::string objection(const RetentionPlan& plan, const PruneWords& words) {
  if (dropped(plan).empty()) {
    return {};
  }
  if (!plan.obstacle.empty()) {
    return plan.obstacle;
  }
  if (!plan.needs_consent.empty() && !words.confirm) {
    return plan.needs_consent + "; look at `cofferdam prune --dry-run`, then add --confirm";
  }
  return {};
}

void ask_to_prune(const std::string& plan_text, std::size_t count, const PruneWords& words) {
  if (count == 0 || words.yes) {
    return;
  }
  complain(plan_text);
  confirm("Drop " + std::to_string(count) + " snapshots?", "--yes");
}

std::vector<PrunedCopies> prune_destinations(const CommandContext& context, const PruneWords& words,
                                             SnapshotStore& store,
                                             const std::function<StoreStanding()>& standing,
                                             Reporter& reporter) {
  std::vector<PrunedCopies> results;
  for (const auto& pruned : pruned_destinations(context.settings)) {
    auto& result = results.emplace_back();
    result.destination = pruned.destination.name;
    try {
      CopyPruning pruning(context, pruned, standing);
      if (words.dry_run) {
        result.plan = pruning.look();
      } else {
        reporter.phase("pruning " + result.destination);
        pruning.prune(words, store, result);
      }
    } catch (const Interrupted&) {
      throw;
    } catch (const Refusal&) {
      throw;
    } catch (const std::exception& error) {
      // The others are pruned all the same; the next prune looks at this one again.
      result.problem = error.what();
    }
    warn(result, reporter);
  }
  return results;
}

}  // namespace controller
