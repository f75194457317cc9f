// Schedules for people and for scripts.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "controller/cli/scheduler.h"

namespace controller {

/// The next times of a schedule, `count` of them if there are as many, later than `now`.
std::vector<std::chrono::sys_seconds> next_times(const Schedule& schedule,
                                                 std::chrono::sys_seconds now, int count);

/// Schedules, and those of labels that are none.
struct ScheduleList {
  std::vector<ScheduleStanding> standings;
  std::vector<RefusedSchedule> refused;
};

/// A table, with what is wrong below it; says so if there are none.
std::string schedules_text(const ScheduleList& list, std::chrono::sys_seconds now);

/// An array of objects with name, cron, time_zone, services (an array), next (RFC 3339; null:
/// never), waiting, last (null, or started_at, finished_at, exit_code, snapshot), succeeded_at,
/// overdue_since, made (whether `schedule set` made it) and problem (null, or why it is not
/// heeded).
std::string schedules_json(const ScheduleList& list, std::chrono::sys_seconds now);

/// The next five times of each, in its zone.
std::string next_text(const std::vector<ScheduleStanding>& standings, std::chrono::sys_seconds now);

/// An array of objects with name and next, an array of RFC 3339.
std::string next_json(const std::vector<ScheduleStanding>& standings, std::chrono::sys_seconds now);

}  // namespace controller
