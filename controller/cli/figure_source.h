// Where the figures of /metrics come from.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "controller/cli/config_in_force.h"
#include "controller/cli/notify_keeper.h"
#include "controller/cli/settings.h"
#include "controller/cli/shared_book.h"
#include "controller/metrics/figures.h"
#include "controller/outage/journal.h"
#include "controller/schedule/due.h"

namespace controller {

/// What serve's loop sees at each look.
struct EngineFigures {
  bool up = false;
  std::string project;      // the sidecar's own; empty: not known
  int pending_restart = 0;  // containers that are down because of a job, and come back
};

/// Looks at the store when a job has ended and else at most once a minute, at everything else
/// whenever it is asked; waits for nothing.  May be asked from several threads.
class FigureSource {
 public:
  /// All outlive it.
  FigureSource(const Settings& settings, SharedBook& book, NotifyKeeper& notices)
      : settings_(settings), book_(book), notices_(notices) {}

  void note(const EngineFigures& seen);

  /// The schedules that there are from now on.
  void note_schedules(std::vector<Schedule> schedules);

  void note_config(const ConfigStanding& standing);

  /// Throws what reading the store and the records throws.
  std::string text();

 private:
  void look_at_store(Figures& figures);
  void look_at_retention(const std::vector<SnapshotEntry>& entries);
  void look_at_jobs(Figures& figures);
  void look_at_schedules(Figures& figures) const;

  const Settings& settings_;
  SharedBook& book_;
  NotifyKeeper& notices_;
  std::mutex mutex_;  // guards what follows
  EngineFigures engine_;
  std::vector<Schedule> schedules_;
  std::optional<ConfigStanding> config_;
  JobTally tally_;
  std::map<std::string, StackFigures> stacks_;
  std::uint64_t bytes_used_ = 0;
  MaybeTime newest_;
  std::map<std::string, bool> retention_blocked_;
  std::optional<Journal> journal_;  // opened once it is there
  std::chrono::steady_clock::time_point look_again_;
};

/// The longest time between a schedule's next runs; the shortest of these of all.  Absent: nothing
/// is scheduled.
std::optional<std::chrono::seconds> expected_interval(const std::vector<Schedule>& schedules,
                                                      std::chrono::sys_seconds now);

}  // namespace controller
