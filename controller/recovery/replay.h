// What whoever starts next does with the jobs that nobody finished.
#pragma once

#include <string>
#include <vector>

#include "controller/capture/setting.h"

namespace controller {

struct ReplayReport {
  std::vector<std::string> actions;   // what was done, a sentence each
  std::vector<std::string> problems;  // what could not be; it is tried again by the next replay
};

/// Agents that no live job can own are removed.  For every unfinished job of the journal: data that
/// a restore had swapped goes back, with those who use it stopped (or, past its commit, it stays
/// and what it replaced is kept), its containers come back in start order, then the hooks run
/// that it owes, its agents are removed, half-written snapshots too, and the job is recorded as
/// interrupted.  Rollback points that somebody began to drop are dropped.
///
/// Call with the store's lock held: then no live process owns an unfinished job.  Repeating it is
/// harmless.
ReplayReport replay(Setting& setting);

/// Only the first half, without the lock: containers of unfinished jobs come back.  For a last act
/// before the process must end.
ReplayReport bring_containers_back(Setting& setting);

}  // namespace controller
