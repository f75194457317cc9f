// Starts the captures of schedules at their times.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/cli/job_process.h"
#include "controller/cli/schedule_settings.h"
#include "controller/reporter.h"
#include "controller/schedule/schedule_progress.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// A schedule, how far it has come, and what it will do.
struct ScheduleStanding {
  ScheduledCapture capture;
  ScheduleRecord record;
  std::optional<std::chrono::sys_seconds> overdue;
};

/// Of all of them; one that nobody has seen yet is put into the book.  Nothing else is: that its
/// times are others now only `serve` may say, for which another config file may be in force.
std::vector<ScheduleStanding> schedule_standings(ScheduleBook& book, const std::string& project,
                                                 const std::vector<ScheduledCapture>& captures,
                                                 std::chrono::sys_seconds now);

/// What it means for its schedule that the `create` of `snapshot` has ended.  Once that is there it
/// is made, whatever became of its copies off the host.
RunOutcome outcome_of(int exit_code, SnapshotStore& store, const std::string& snapshot);

struct OverdueSchedule {
  std::string name;
  std::string since;  // as the clocks of its zone show it
};

/// What a scheduler works with; all outlives it.
struct SchedulerSetting {
  ScheduleBook& book;
  SnapshotStore& store;
  Reporter& reporter;
  std::function<std::vector<std::string>()> environment = own_environment;  // of what it starts
};

/// For serve's loop; one thread.
class Scheduler {
 public:
  /// Times before now that a schedule has not seen, or that were not its times when it was last
  /// looked after, are not made up for.  `prunes`: after each snapshot, what no rule keeps is
  /// dropped.  Make it when the engine is there: nothing is run in the first minute, when the stack
  /// may be starting, too.
  Scheduler(std::vector<ScheduledCapture> captures, std::string project, SchedulerSetting setting,
            bool prunes);

  /// From now on these are the schedules.  How far each has come is known by its name; one whose
  /// times changed, also while it was gone, begins anew.  A run that goes on does so, also that of
  /// one which is gone.  Throws JournalError.
  void use(std::vector<ScheduledCapture> captures, bool prunes, std::chrono::sys_seconds now);

  /// Takes note of a run that has ended, also of one whose end an earlier process did not live to
  /// see, and starts the next one that is due.  Throws JournalError, and what the store throws.
  void look(std::chrono::sys_seconds now);

  /// Asks a run that goes on to end, and starts none any more.  Returns its process; -1: there is
  /// none.
  pid_t end();

  /// Seen anew after a minute, or when a run has ended.
  std::vector<OverdueSchedule> overdue(std::chrono::sys_seconds now);

 private:
  void note_end(std::chrono::sys_seconds now);
  void settle_earlier_runs(std::chrono::sys_seconds now);
  void start(std::size_t index, std::chrono::sys_seconds now);
  void start_pruning();
  void look_at_all(std::chrono::sys_seconds now);
  ScheduleRecord record_of(const Schedule& schedule, std::chrono::sys_seconds now);
  [[nodiscard]] std::optional<std::size_t> running() const;

  std::vector<ScheduledCapture> captures_;
  std::string project_;
  ScheduleBook& book_;
  SnapshotStore& store_;
  Reporter& reporter_;
  std::function<std::vector<std::string>()> environment_;
  bool prunes_;
  bool settled_ = false;
  bool ending_ = false;
  std::unique_ptr<JobProcess> process_;
  std::optional<std::string> running_;  // whose capture `process_` is; absent: it prunes
  std::chrono::steady_clock::time_point not_before_;  // the wall clock may be set back by a year
  TimeSpan quiet_;  // in which nothing is to be decided: looks are many, times are few
  TimeSpan overdue_seen_;
  std::vector<OverdueSchedule> overdue_;
};

}  // namespace controller
