#include "controller/retention/snapshot_candidates.h"

#include <algorithm>

#include "controller/clock.h"
#include "controller/schedule/scheduled_name.h"

namespace controller {

namespace {

Soundness soundness_of(const SnapshotEntry& entry) {
  if (!entry.summary || entry.checked.failed_kind == "verify") {
    return Soundness::Broken;
  }
  switch (entry.summary->status) {
    case Status::Success:
      return entry.checked.failed_kind.empty() && entry.checked.problem.empty()
                 ? Soundness::Good
                 : Soundness::Degraded;
    case Status::Degraded:
      return Soundness::Degraded;
    case Status::Failed:
    case Status::Cancelled:
    case Status::Interrupted:
      break;
  }
  return Soundness::Broken;
}

/// Of a broken one the time at which that was seen: it may be old, and yet nobody has looked at it.
std::string time_of(const SnapshotEntry& entry, Soundness soundness) {
  const auto& made = entry.summary ? entry.summary->created_at : entry.changed_at;
  return soundness == Soundness::Broken ? std::max(made, entry.checked.failed_at) : made;
}

}  // namespace

std::vector<RetentionCandidate> retention_candidates(
    const std::vector<SnapshotEntry>& entries, const std::string& project,
    const std::map<std::string, std::string>& in_use) {
  std::vector<RetentionCandidate> candidates;
  for (const auto& entry : entries) {
    if (entry.summary && entry.summary->project != project) {
      continue;
    }
    RetentionCandidate one;
    one.name = entry.name;
    one.schedule = schedule_of(entry.name);
    one.soundness = soundness_of(entry);
    one.verified = entry.checked.level >= CheckLevel::Readable;
    one.pinned = entry.pinned;
    const auto used = in_use.find(entry.name);
    one.in_use = used == in_use.end() ? "" : used->second;
    const auto time = time_from_rfc3339(time_of(entry, one.soundness));
    if (time) {
      one.taken_at = *time;
    } else {
      one.in_use = "nobody can tell when it was made";
    }
    candidates.push_back(std::move(one));
  }
  return candidates;
}

}  // namespace controller
