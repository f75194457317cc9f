#include "controller/schedule/schedule_progress.h"

#include <algorithm>
#include <utility>

#include "controller/schedule/fire_times.h"

namespace controller {

namespace {

using std::chrono::sys_seconds;

constexpr std::chrono::hours kPatience{1};

void note_times(ScheduleRecord& record, const Schedule& schedule) {
  record.cron = schedule.cron.text;
  record.zone = schedule.zone.name();
}

}  // namespace

ScheduleRecord fresh_record(sys_seconds now) {
  ScheduleRecord record;
  record.state.considered = now;
  record.first_seen = now;
  return record;
}

void begin_anew(ScheduleRecord& record, const Schedule& schedule, sys_seconds now) {
  record.state.considered = now - schedule.delay;
  record.first_seen = record.state.considered;
  note_times(record, schedule);
}

bool has_times_of(const Schedule& schedule, const ScheduleRecord& record) {
  return record.cron == schedule.cron.text && record.zone == schedule.zone.name();
}

ScheduleRecord present_record(const Schedule& schedule, std::optional<ScheduleRecord> known,
                              sys_seconds now) {
  auto record = known ? *std::move(known) : fresh_record(now);
  if (!record.cron.empty() && !has_times_of(schedule, record)) {
    begin_anew(record, schedule, now);
    record.state.waiting.reset();
  }
  note_times(record, schedule);
  return record;
}

void begin_run(ScheduleRecord& record, const std::string& snapshot, sys_seconds now) {
  record.started = now;
  record.finished.reset();
  record.snapshot = snapshot;
}

void end_run(ScheduleRecord& record, RunOutcome outcome, int exit_code, sys_seconds now) {
  record.finished = now;
  record.exit_code = exit_code;
  if (outcome == RunOutcome::Made) {
    record.succeeded = record.started;
  }
  const bool came_meanwhile = record.state.waiting > record.started;  // and is to be queued
  if (outcome != RunOutcome::Postponed && !came_meanwhile) {
    record.state.waiting.reset();
  }
}

std::optional<sys_seconds> overdue_since(const Schedule& schedule, const ScheduleRecord& record,
                                         sys_seconds now) {
  auto from = record.first_seen;
  if (record.succeeded && *record.succeeded <= now) {
    from = std::max(from, *record.succeeded);
  }
  const auto until = now - kPatience - schedule.delay;
  return from < until ? last_fire(schedule.cron, schedule.zone, from, until) : std::nullopt;
}

}  // namespace controller
