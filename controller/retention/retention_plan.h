// What retention drops, and why it keeps the rest.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "controller/retention/retention_rules.h"

namespace controller {

/// Good: a success that failed no check since.  Degraded: it can be restored, with less than was
/// asked for or after a drill that failed.  Broken: a failed run, a corrupt snapshot, or one whose
/// files are not what they were.
enum class Soundness { Good, Degraded, Broken };

/// A snapshot as retention sees it.
struct RetentionCandidate {
  std::string name;
  std::chrono::sys_seconds taken_at;  // of a broken one: since when it is
  Soundness soundness = Soundness::Good;
  bool verified = false;  // every byte was read back, at least
  bool pinned = false;
  std::string in_use;    // by what; empty: by nothing
  std::string schedule;  // that made it; empty: none
};

/// Snapshots of the schedules named here are counted for themselves, as they may hold other things
/// than the rest do; all others are counted together.
struct RetentionPolicies {
  RetentionPolicy usual;
  std::map<std::string, RetentionPolicy> of_schedules;
};

struct RetentionVerdict {
  std::string name;
  std::chrono::sys_seconds taken_at;
  bool kept = true;
  std::vector<std::string> reasons;  // the rules and floors that keep it; why it is dropped

  friend bool operator==(const RetentionVerdict&, const RetentionVerdict&) = default;
};

/// A decision about every snapshot, newest first.  Executed as it stands, or not at all.
struct RetentionPlan {
  std::vector<RetentionVerdict> verdicts;
  std::string obstacle;       // nothing may be dropped now, whatever the verdicts; empty: it may
  std::string needs_consent;  // why somebody must look at it first; empty: nobody must

  friend bool operator==(const RetentionPlan&, const RetentionPlan&) = default;
};

/// What retention must know beside the snapshots.
struct RetentionMoment {
  std::chrono::sys_seconds now;
  LocalClock local;
  std::string failed_run;  // the last run, if it made no snapshot; empty: it did
  std::string owed = {};   // the newest good one, if it has still to come; empty: it has come
};

/// Of the snapshots of one project, in any order.  Pure.
///
/// Never dropped: of those that are counted together, the newest good one and the newest good one
/// that is verified; pinned ones, ones in use, ones from the future; anything without a rule in its
/// policy; a broken one where there is nothing better.  Broken ones are in no bucket: the newest
/// two are kept for seven days.
RetentionPlan plan_retention(const RetentionPolicies& policies,
                             std::vector<RetentionCandidate> snapshots,
                             const RetentionMoment& moment);

/// Names of those that go, oldest first.
std::vector<std::string> dropped(const RetentionPlan& plan);

}  // namespace controller
