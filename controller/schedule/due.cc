#include "controller/schedule/due.h"

#include <algorithm>

#include "controller/schedule/fire_times.h"

namespace controller {

namespace {

using std::chrono::hours;
using std::chrono::sys_seconds;

// Later than this nobody was there at the time.
constexpr std::chrono::minutes kPunctual{2};
constexpr hours kSetBack{3};

void heed_clock(const Schedule& schedule, ScheduleState& state, sys_seconds now) {
  const auto back = state.considered - now;
  if (back > kSetBack || (back > schedule.delay && schedule.cron.repeating)) {
    state.considered = now;
  }
  if (state.waiting && *state.waiting > now + kSetBack) {
    state.waiting = now;
  }
}

/// Why the time is not run; empty: it is.
std::string objection(const Schedule& schedule, sys_seconds time, sys_seconds now, bool running) {
  if (now - time > kPunctual && now - time > schedule.make_up_within) {
    return "it was missed, and is too old to be made up for";
  }
  if (running && schedule.overlap == Overlap::Skip) {
    return "its last run goes on";
  }
  return {};
}

void consider(const Schedule& schedule, ScheduleState& state, sys_seconds now, bool running,
              std::vector<std::string>& skipped) {
  heed_clock(schedule, state, now);
  const auto time = last_fire(schedule.cron, schedule.zone, state.considered, now);
  if (!time) {
    return;
  }
  state.considered = *time;
  const auto problem = objection(schedule, *time, now, running);
  if (problem.empty()) {
    state.waiting = time;
  } else {
    skipped.push_back(schedule.name + ": " + civil_text(schedule.zone, *time) + ": " + problem);
  }
}

std::optional<std::size_t> longest_waiting(const std::vector<ScheduleState>& states) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (states[i].waiting && (!found || *states[i].waiting < *states[*found].waiting)) {
      found = i;
    }
  }
  return found;
}

}  // namespace

ScheduleDecision decide(const std::vector<Schedule>& schedules, std::vector<ScheduleState> states,
                        sys_seconds now, std::optional<std::size_t> running) {
  ScheduleDecision decision;
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    consider(schedules[i], states[i], now - schedules[i].delay, running == i, decision.skipped);
  }
  if (!running) {
    decision.run = longest_waiting(states);
  }
  decision.states = std::move(states);
  return decision;
}

TimeSpan quiet_after(const std::vector<Schedule>& schedules,
                     const std::vector<ScheduleState>& states, sys_seconds now) {
  TimeSpan quiet{now, sys_seconds::max()};
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    if (states[i].waiting) {
      return {};
    }
    const auto& one = schedules[i];
    if (const auto next = next_fire(one.cron, one.zone, now - one.delay)) {
      quiet.end = std::min(quiet.end, *next + one.delay);
    }
  }
  return quiet;
}

}  // namespace controller
