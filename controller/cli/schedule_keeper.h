// Serve's care for the schedules.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "controller/cli/notify_keeper.h"
#include "controller/cli/scheduler.h"
#include "controller/cli/workplace.h"
#include "controller/reporter.h"

namespace controller {

/// Runs the schedules once it is known whose they are: the engine may be away at first.  What is
/// overdue, and what keeps it from its work, it says once.
class ScheduleKeeper {
 public:
  /// Both outlive it.  Throws SettingError for a schedule that cannot be meant.
  ScheduleKeeper(const Settings& settings, NotifyKeeper& notices);

  /// For serve's loop.
  void look(Workplace& place, Reporter& reporter);

  /// Starts no run any more.  The process of a run that has been asked to end; -1: none goes on.
  pid_t end();

 private:
  void begin(Workplace& place, Reporter& reporter);
  void tell(const std::string& text, Reporter& reporter);

  const Settings& settings_;
  NotifyKeeper& notices_;
  std::string project_;
  std::optional<ScheduleBook> book_;
  std::optional<Scheduler> scheduler_;
  std::string told_;
};

}  // namespace controller
