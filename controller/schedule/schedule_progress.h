// What a run of a schedule means for its record, and what the record says of the schedule's health.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "controller/schedule/schedule_book.h"

namespace controller {

/// How the process of a run ended, as far as its schedule is concerned.
enum class RunOutcome {
  Made,      // there is a snapshot, perhaps a degraded one
  Failed,    // a next attempt would end alike; the next time is waited for
  Postponed  // somebody else worked, the engine was away or we ended: it is still to be done
};

/// The record of a schedule that nobody has seen before: what was before now is not made up for.
ScheduleRecord fresh_record(std::chrono::sys_seconds now);

/// Its times are these from now on: those before are neither made up for nor missed.  One that was
/// found to be due by the others is still to be run.
void begin_anew(ScheduleRecord& record, const Schedule& schedule, std::chrono::sys_seconds now);

/// Whether it is about the times that the schedule has.
bool has_times_of(const Schedule& schedule, const ScheduleRecord& record);

/// The record of a schedule whose times may have changed while nobody looked: then it begins anew,
/// and nothing is left to be run.  `known`: what was written down last; absent: nobody has seen it
/// before.  Where that does not tell its times (an older version wrote it) they were these.
ScheduleRecord present_record(const Schedule& schedule, std::optional<ScheduleRecord> known,
                              std::chrono::sys_seconds now);

void begin_run(ScheduleRecord& record, const std::string& snapshot, std::chrono::sys_seconds now);

/// The run that was begun last has ended.  A time that came while it went on is still to be run.
void end_run(ScheduleRecord& record, RunOutcome outcome, int exit_code,
             std::chrono::sys_seconds now);

/// The newest time that should have made a snapshot and, an hour later, has not; absent
/// if all is well.  Does not depend on the scheduler's own account of what it missed.
std::optional<std::chrono::sys_seconds> overdue_since(const Schedule& schedule,
                                                      const ScheduleRecord& record,
                                                      std::chrono::sys_seconds now);

}  // namespace controller
