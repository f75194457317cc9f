#include <algorithm>

#include "controller/clock.h"
#include "controller/metrics/figures.h"

namespace controller {

namespace {

/// A check proves the levels below it, too.
void note_check(StackFigures& figures, const CheckStanding& checked) {
  const auto at = time_from_rfc3339(checked.at);
  for (const auto level : {CheckLevel::Hashed, CheckLevel::Readable, CheckLevel::Drilled}) {
    if (at && checked.level >= level) {
      figures.checked[level] = std::max(figures.checked[level], at);
    }
  }
}

void note(StackFigures& figures, const SnapshotEntry& entry) {
  ++figures.snapshots;
  note_check(figures, entry.checked);
  const auto made = time_from_rfc3339(entry.summary->created_at);
  if (entry.summary->status == Status::Success && made && made >= figures.newest_good) {
    figures.newest_good = made;
    figures.newest_bytes = entry.summary->stored_bytes;
    figures.newest_downtime_seconds = entry.summary->outage_seconds;
  }
}

}  // namespace

std::map<std::string, StackFigures> stack_figures(const std::vector<SnapshotEntry>& entries) {
  std::map<std::string, StackFigures> stacks;
  for (const auto& entry : entries) {
    if (entry.summary) {
      note(stacks[entry.summary->project], entry);
    }
  }
  return stacks;
}

}  // namespace controller
