// Serve's care for the schedules.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "controller/cli/config_in_force.h"
#include "controller/cli/figure_source.h"
#include "controller/cli/notify_keeper.h"
#include "controller/cli/scheduler.h"
#include "controller/cli/workplace.h"
#include "controller/reporter.h"

namespace controller {

/// Runs the schedules once it is known whose they are: the engine may be away at first.  Labels of
/// services are read again every minute, what commands made at every look.  What is overdue, which
/// label is not heeded, and what keeps it from its work, it says once.
class ScheduleKeeper {
 public:
  /// All outlive it.  `config` is the one in force.
  ScheduleKeeper(const Settings& settings, const ConfigInForce& config, NotifyKeeper& notices,
                 FigureSource& figures);

  /// From the next look on what is in force counts.
  void use_config();

  /// For serve's loop.
  void look(Workplace& place, Reporter& reporter);

  /// Starts no run any more.  The process of a run that has been asked to end; -1: none goes on.
  pid_t end();

 private:
  void read_labels(Workplace& place);
  void read_made();
  void begin(Workplace& place, Reporter& reporter);
  void renew(Reporter& reporter);
  Timetable read(Reporter& reporter);

  const Settings& settings_;
  NotifyKeeper& notices_;
  FigureSource& figures_;
  const ConfigInForce& config_;
  OtherSchedules others_;
  std::chrono::steady_clock::time_point labels_again_;
  bool changed_ = false;  // since the scheduler was told
  std::string project_;
  std::optional<ScheduleBook> book_;
  std::optional<Scheduler> scheduler_;
  std::string told_;
  std::string told_of_labels_;
};

}  // namespace controller
