#include "controller/retention/retention_plan.h"

#include <algorithm>
#include <tuple>

#include "controller/clock.h"

namespace controller {

namespace {

// Clocks of the machines that write into one store differ by no more than this.
constexpr std::chrono::minutes kClockTolerance{5};
constexpr std::chrono::hours kBrokenFor{24 * 7};
constexpr std::size_t kBrokenKept = 2;

using Candidates = std::vector<RetentionCandidate>;

bool from_the_future(const RetentionCandidate& one, const RetentionMoment& moment) {
  return one.taken_at > moment.now + kClockTolerance;
}

/// Indices of those that rules and floors speak of.
std::vector<std::size_t> restorable_ones(const Candidates& snapshots,
                                         const RetentionMoment& moment) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < snapshots.size(); ++i) {
    if (snapshots[i].soundness != Soundness::Broken && !from_the_future(snapshots[i], moment)) {
      found.push_back(i);
    }
  }
  return found;
}

/// Those that are counted together.
struct Group {
  const RetentionPolicy& policy;
  std::vector<std::size_t> members;  // that rules and floors speak of, newest first
};

const RetentionPolicy& policy_of(const RetentionPolicies& policies, const RetentionCandidate& one) {
  const auto own = policies.of_schedules.find(one.schedule);
  return own == policies.of_schedules.end() ? policies.usual : own->second;
}

std::vector<Group> groups_of(const RetentionPolicies& policies, const Candidates& snapshots,
                             const RetentionMoment& moment) {
  std::vector<Group> groups = {{policies.usual, {}}};
  for (const auto& [schedule, policy] : policies.of_schedules) {
    groups.push_back({policy, {}});
  }
  for (const auto i : restorable_ones(snapshots, moment)) {
    std::ranges::find(groups, &policy_of(policies, snapshots[i]), [](const auto& group) {
      return &group.policy;
    })->members.push_back(i);
  }
  return groups;
}

void keep_by_rules(const Group& group, const Candidates& snapshots, const RetentionMoment& moment,
                   RetentionPlan& plan) {
  const auto& chosen = group.members;
  std::vector<Restorable> restorable;
  restorable.reserve(chosen.size());
  for (const auto i : chosen) {
    restorable.push_back({snapshots[i].taken_at, snapshots[i].soundness == Soundness::Good});
  }
  auto kept = rules_that_keep(group.policy, restorable, moment.now, moment.local);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    plan.verdicts[chosen[i]].reasons = std::move(kept[i]);
  }
}

/// The newest of its kind stays, whatever the rules say.
void keep_the_newest(const Group& group, const Candidates& snapshots, RetentionPlan& plan) {
  const auto& restorable = group.members;
  const auto keep = [&](const std::string& reason, const auto& is_one) {
    const auto found =
        std::ranges::find_if(restorable, [&](auto i) { return is_one(snapshots[i]); });
    if (found != restorable.end()) {
      plan.verdicts[*found].reasons.push_back(reason);
    }
    return found != restorable.end();
  };
  const auto good = [](const auto& one) { return one.soundness == Soundness::Good; };
  if (!keep("newest good", good)) {
    keep("nothing better is there", [](const auto&) { return true; });
  }
  keep("newest verified", [&](const auto& one) { return good(one) && one.verified; });
}

void keep_broken_ones(const Candidates& snapshots, const RetentionMoment& moment,
                      RetentionPlan& plan) {
  const bool alone = restorable_ones(snapshots, moment).empty();
  std::size_t seen = 0;
  for (std::size_t i = 0; i < snapshots.size(); ++i) {
    const auto& one = snapshots[i];
    if (one.soundness != Soundness::Broken) {
      continue;
    }
    ++seen;
    if (alone) {
      plan.verdicts[i].reasons.emplace_back("broken, and nothing better is there");
    } else if (seen <= kBrokenKept && one.taken_at + kBrokenFor > moment.now) {
      plan.verdicts[i].reasons.emplace_back("broken, kept for a week to be looked at");
    }
  }
}

void keep_by_state(const Candidates& snapshots, const RetentionMoment& moment,
                   RetentionPlan& plan) {
  for (std::size_t i = 0; i < snapshots.size(); ++i) {
    auto& reasons = plan.verdicts[i].reasons;
    if (snapshots[i].pinned) {
      reasons.emplace_back("pinned");
    }
    if (!snapshots[i].in_use.empty()) {
      reasons.push_back("in use: " + snapshots[i].in_use);
    }
    if (from_the_future(snapshots[i], moment)) {
      reasons.emplace_back("from the future");
    }
  }
}

std::string obstacle(const Candidates& snapshots, const RetentionMoment& moment) {
  const auto ahead = std::ranges::find_if(
      snapshots, [&](const auto& one) { return from_the_future(one, moment); });
  if (ahead != snapshots.end()) {
    return "snapshot " + ahead->name + " is of " + rfc3339(ahead->taken_at) + ", and it is " +
           rfc3339(moment.now) +
           ": a clock is or was wrong. Set it right; if it is that snapshot's, delete it";
  }
  if (!moment.failed_run.empty()) {
    return "the last run, " + moment.failed_run +
           ", made no snapshot; nothing is dropped until one does";
  }
  if (!moment.owed.empty()) {
    return moment.owed + " has not come yet; nothing is dropped until it has";
  }
  return {};
}

/// More than half of what can be restored is more than a policy drops from one day to the next.
std::string consent(const Candidates& snapshots, const RetentionPlan& plan) {
  std::size_t restorable = 0;
  std::size_t going = 0;
  for (std::size_t i = 0; i < snapshots.size(); ++i) {
    if (snapshots[i].soundness != Soundness::Broken) {
      ++restorable;
      going += plan.verdicts[i].kept ? 0U : 1U;
    }
  }
  if (2 * going <= restorable) {
    return {};
  }
  return std::to_string(going) + " of " + std::to_string(restorable) +
         " snapshots would go, more than half";
}

void decide(const RetentionCandidate& one, bool rules, RetentionVerdict& verdict) {
  if (!rules) {
    verdict.reasons.emplace_back("there is no rule");
  }
  verdict.kept = !verdict.reasons.empty();
  if (!verdict.kept) {
    verdict.reasons.emplace_back(one.soundness == Soundness::Broken ? "broken"
                                                                    : "no rule keeps it");
  }
}

}  // namespace

RetentionPlan plan_retention(const RetentionPolicies& policies, Candidates snapshots,
                             const RetentionMoment& moment) {
  std::ranges::sort(snapshots, [](const auto& one, const auto& other) {
    return std::tie(one.taken_at, one.name) > std::tie(other.taken_at, other.name);
  });
  RetentionPlan plan;
  for (const auto& one : snapshots) {
    plan.verdicts.push_back({one.name, one.taken_at, true, {}});
  }
  for (const auto& group : groups_of(policies, snapshots, moment)) {
    keep_by_rules(group, snapshots, moment, plan);
    keep_the_newest(group, snapshots, plan);
  }
  keep_broken_ones(snapshots, moment, plan);
  keep_by_state(snapshots, moment, plan);
  for (std::size_t i = 0; i < snapshots.size(); ++i) {
    decide(snapshots[i], has_rules(policy_of(policies, snapshots[i])), plan.verdicts[i]);
  }
  plan.obstacle = obstacle(snapshots, moment);
  plan.needs_consent = consent(snapshots, plan);
  return plan;
}

std::vector<std::string> dropped(const RetentionPlan& plan) {
  std::vector<std::string> names;
  for (const auto& verdict : plan.verdicts) {
    if (!verdict.kept) {
      names.push_back(verdict.name);
    }
  }
  std::ranges::reverse(names);
  return names;
}

}  // namespace controller
