// What the sidecar can be measured by, and how Prometheus reads it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/jobs/job_book.h"
#include "controller/notify/outbox.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

using MaybeTime = std::optional<std::chrono::sys_seconds>;

/// What the store holds of one project.
struct StackFigures {
  int snapshots = 0;      // that are not corrupt
  MaybeTime newest_good;  // a success, as of this time
  std::uint64_t newest_bytes = 0;
  double newest_downtime_seconds = 0;
  std::map<CheckLevel, MaybeTime> checked;  // when a snapshot last passed at that level

  friend bool operator==(const StackFigures&, const StackFigures&) = default;
};

/// By project.
std::map<std::string, StackFigures> stack_figures(const std::vector<SnapshotEntry>& entries);

/// Jobs of one command that have ended since the sidecar started.
struct RunTally {
  static constexpr std::array<int, 9> kBounds = {10, 30, 60, 300, 900, 1800, 3600, 7200, 21600};

  std::map<JobState, std::uint64_t> ended;
  std::array<std::uint64_t, kBounds.size()> within =
      {};  // seconds; each counts the shorter ones too
  std::uint64_t timed = 0;
  double seconds = 0;  // of all of them
};

/// Counts each job once, when it has ended.  Those that had when it first looked do not count:
/// counters begin anew with the process, which Prometheus understands.
class JobTally {
 public:
  /// `jobs`: the newest ones, again and again.  Returns whether one has ended since the last look.
  bool look(const std::vector<Job>& jobs);

  [[nodiscard]] RunTally of(const std::string& kind) const;

 private:
  std::map<std::string, RunTally> tallies_;
  std::map<std::string, bool> seen_;  // by job: whether it had ended
  bool looked_ = false;
};

struct Figures {
  std::string version;
  bool engine_up = false;
  std::string stack;  // the sidecar's own project; empty: not known yet
  std::map<std::string, StackFigures> stacks;
  std::map<std::string, int> running;  // jobs, by command
  RunTally captures;
  RunTally restores;
  MaybeTime last_attempt;  // of a capture
  std::optional<JobState> last_state;
  std::optional<std::chrono::seconds> expected_interval;  // between captures, by the schedules
  MaybeTime next_run;
  std::uint64_t bytes_used = 0;  // by snapshots
  std::uint64_t bytes_free = 0;
  std::map<std::string, bool> retention_blocked;  // by reason, all that there may be
  int pending_restart = 0;     // containers that are down because of a job, and come back
  bool clock_suspect = false;  // a snapshot is newer than now
  std::vector<TargetStanding> targets;
  bool config_good = false;  // the config file, when it was read last
  MaybeTime config_good_at;  // when it last was; absent: nobody has read it
};

/// The text that GET /metrics answers (Prometheus's exposition format 0.0.4).
std::string metrics_text(const Figures& figures);

}  // namespace controller
