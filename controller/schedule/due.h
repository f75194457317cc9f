// Which schedule runs now, and which runs were missed: a decision without effects.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "controller/calendar/time_zone.h"
#include "controller/schedule/cron.h"

namespace controller {

enum class Overlap { Skip, Queue };

struct Schedule {
  std::string name;
  CronExpression cron;
  TimeZone zone;
  // A time that nobody was there to keep is made up for if it is no older than this.
  std::chrono::seconds make_up_within = std::chrono::seconds::max();
  Overlap overlap = Overlap::Skip;  // when its own run still goes on
  // How long after its time it runs, always the same: so that hosts do not all begin at once.
  std::chrono::seconds delay{0};
};

/// How far a schedule has come.
struct ScheduleState {
  std::chrono::sys_seconds considered;              // everything up to here has been decided on
  std::optional<std::chrono::sys_seconds> waiting;  // the time that is yet to be run

  bool operator==(const ScheduleState&) const = default;
};

struct ScheduleDecision {
  std::vector<ScheduleState> states;  // in the order of the schedules
  std::optional<std::size_t> run;     // the schedule to start; its `waiting` is the time it is for
  std::vector<std::string> skipped;   // "daily: 2026-11-20 02:00 +01:00: its last run goes on"
};

/// `states` are those of the schedules; `running`: the one whose run goes on.  One runs at a time,
/// the one that has waited longest; of several times that have passed only the last is run.  A
/// clock that was put back does not repeat a fixed time within three hours; after more the
/// schedule begins anew, so that a wrong year does not silence it.
ScheduleDecision decide(const std::vector<Schedule>& schedules, std::vector<ScheduleState> states,
                        std::chrono::sys_seconds now, std::optional<std::size_t> running);

/// From `begin` until before `end`; without bounds it has nothing in it.
struct TimeSpan {
  std::chrono::sys_seconds begin{};
  std::chrono::sys_seconds end{};

  [[nodiscard]] bool contains(std::chrono::sys_seconds time) const {
    return begin <= time && time < end;
  }
};

/// In which nothing is to be decided, after a decision at `now` that left these states: until the
/// next time of any schedule; none, if one waits for its run.
TimeSpan quiet_after(const std::vector<Schedule>& schedules,
                     const std::vector<ScheduleState>& states, std::chrono::sys_seconds now);

}  // namespace controller
