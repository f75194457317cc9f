// A retention plan as text: what it is made of, and what it says.
#pragma once

#include <string>
#include <vector>

#include "controller/retention/retention_plan.h"

namespace controller {

/// What a case is about.  Lines of its text:
///
///   policy last=3 hourly=… daily=… weekly=… monthly=… yearly=… within=HOURSh weekly-on=0 (Sunday)
///   policy-of SCHEDULE last=3 …
///   now 2026-11-27T03:00:00Z
///   zone +0100 2026-03-29T01:00:00Z +0200       the offset, then times and what it is from there
///   on failed-run create x
///   good|degraded|broken NAME TIME [verified] [pinned] [in-use]
///   every HOURSh FROM UNTIL [SCHEDULE]          good ones, named by schedule and time
struct PlanCase {
  RetentionPolicies policies;
  std::vector<RetentionCandidate> snapshots;
  RetentionMoment moment;
};

/// Throws std::invalid_argument that has the line.
PlanCase read_case(const std::string& text);

/// A line for each verdict: "keep NAME: reasons"; then the obstacle and the need for consent.
std::string case_text(const RetentionPlan& plan);

}  // namespace controller
