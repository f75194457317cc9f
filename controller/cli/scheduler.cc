#include "controller/cli/scheduler.h"

#include <algorithm>

#include "controller/cli/exit_code.h"
#include "controller/schedule/scheduled_name.h"

namespace controller {

namespace {

using std::chrono::steady_clock;
using std::chrono::sys_seconds;

// After a run that could not do its work, because somebody else did his or the engine was away; and
// after our own start: where the host has booted, databases are not there yet.
constexpr std::chrono::minutes kPause{1};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    text += (text.empty() ? "" : ",") + word;
  }
  return text;
}

bool is_there(SnapshotStore& store, const std::string& snapshot) {
  try {
    store.directory(snapshot);
    return true;
  } catch (const NoSuchSnapshot&) {
    return false;
  }
}

bool same_times(const Schedule& one, const Schedule& other) {
  return one.cron.text == other.cron.text && one.zone.name() == other.zone.name();
}

}  // namespace

RunOutcome outcome_of(int exit_code, SnapshotStore& store, const std::string& snapshot) {
  if (is_there(store, snapshot)) {
    return RunOutcome::Made;
  }
  switch (static_cast<ExitCode>(exit_code)) {
    case ExitCode::Success:
    case ExitCode::Degraded:
      return RunOutcome::Made;
    case ExitCode::Locked:
    case ExitCode::EngineUnreachable:
      return RunOutcome::Postponed;
    default:
      return RunOutcome::Failed;
  }
}

std::vector<ScheduleStanding> schedule_standings(ScheduleBook& book, const std::string& project,
                                                 const std::vector<ScheduledCapture>& captures,
                                                 sys_seconds now) {
  std::vector<ScheduleStanding> standings;
  for (const auto& capture : captures) {
    const auto& schedule = capture.schedule;
    const auto known = book.find(project, schedule.name);
    const auto record = present_record(schedule, known, now);
    if (!known) {
      book.put(project, schedule.name, record);
    }
    standings.push_back({capture, record, overdue_since(schedule, record, now)});
  }
  return standings;
}

Scheduler::Scheduler(std::vector<ScheduledCapture> captures, std::string project,
                     SchedulerSetting setting, bool prunes)
    : captures_(std::move(captures)),
      project_(std::move(project)),
      book_(setting.book),
      store_(setting.store),
      reporter_(setting.reporter),
      environment_(std::move(setting.environment)),
      prunes_(prunes),
      not_before_(steady_clock::now() + kPause) {}

void Scheduler::use(std::vector<ScheduledCapture> captures, bool prunes, sys_seconds now) {
  for (const auto& [before, services, retention, made] : captures_) {
    const auto after = std::ranges::find(
        captures, before.name, [](const ScheduledCapture& one) { return one.schedule.name; });
    if (after == captures.end() || same_times(before, after->schedule)) {
      continue;
    }
    const auto known = book_.find(project_, before.name);
    // An earlier try may have failed at another one.
    if (!known || !has_times_of(after->schedule, *known)) {
      auto record = present_record(before, known, now);
      begin_anew(record, after->schedule, now);
      book_.put(project_, before.name, record);
    }
  }
  captures_ = std::move(captures);
  prunes_ = prunes;
  settled_ = false;
}

ScheduleRecord Scheduler::record_of(const Schedule& schedule, sys_seconds now) {
  const auto known = book_.find(project_, schedule.name);
  auto record = present_record(schedule, known, now);
  if (known != record) {
    book_.put(project_, schedule.name, record);
  }
  return record;
}

std::optional<std::size_t> Scheduler::running() const {
  for (std::size_t i = 0; i < captures_.size(); ++i) {
    if (running_ == captures_[i].schedule.name) {
      return i;
    }
  }
  return std::nullopt;
}

/// Such a run was ended with us.  One that had its snapshot is not made up for: only copies of it
/// off the host are owed.  Nor is one whose times are others now.
void Scheduler::settle_earlier_runs(sys_seconds now) {
  for (const auto& [schedule, services, retention, made] : captures_) {
    auto record = record_of(schedule, now);
    if (!record.started || record.finished || running_ == schedule.name) {
      continue;
    }
    if (is_there(store_, record.snapshot)) {
      end_run(record, RunOutcome::Made, static_cast<int>(ExitCode::Degraded), now);
    } else if (!record.state.waiting) {
      end_run(record, RunOutcome::Failed, static_cast<int>(ExitCode::Cancelled), now);
    } else {
      continue;
    }
    book_.put(project_, schedule.name, record);
  }
  settled_ = true;
}

void Scheduler::look(sys_seconds now) {
  if (!settled_) {
    settle_earlier_runs(now);
    quiet_ = overdue_seen_ = {};
  }
  note_end(now);
  if (!quiet_.contains(now)) {
    look_at_all(now);
  }
}

void Scheduler::look_at_all(sys_seconds now) {
  std::vector<Schedule> schedules;
  std::vector<ScheduleState> states;
  for (const auto& capture : captures_) {
    schedules.push_back(capture.schedule);
    states.push_back(record_of(capture.schedule, now).state);
  }
  const auto decision = decide(schedules, states, now, running());
  for (std::size_t i = 0; i < captures_.size(); ++i) {
    if (decision.states[i] != states[i]) {
      auto record = record_of(schedules[i], now);
      record.state = decision.states[i];
      book_.put(project_, schedules[i].name, record);
    }
  }
  for (const auto& skipped : decision.skipped) {
    reporter_.warning("schedule " + skipped);
  }
  if (decision.run && !process_ && !ending_ && steady_clock::now() >= not_before_) {
    start(*decision.run, now);
  }
  quiet_ = quiet_after(schedules, decision.states, now);
}

void Scheduler::start(std::size_t index, sys_seconds now) {
  const auto& [schedule, services, retention, made] = captures_[index];
  auto record = record_of(schedule, now);
  const auto name = scheduled_name(schedule.name, now);
  std::vector<std::string> words = {"create", "--queue", "--name", name};
  if (!services.empty()) {
    words.insert(words.end(), {"--services", joined(services)});
  }
  reporter_.phase("schedule " + schedule.name + ": create " + name);
  begin_run(record, name, now);
  book_.put(project_, schedule.name, record);
  process_ = std::make_unique<JobProcess>(JobRequest{words, environment_()},
                                          "schedule " + schedule.name, JobChannels{});
  running_ = schedule.name;
}

void Scheduler::start_pruning() {
  process_ = std::make_unique<JobProcess>(JobRequest{{"prune", "--queue", "--yes"}, environment_()},
                                          "schedule", JobChannels{});
}

void Scheduler::note_end(sys_seconds now) {
  const auto code = process_ ? process_->exit_code() : std::nullopt;
  if (!code) {
    return;
  }
  if (!running_) {
    process_.reset();
    return;  // what pruning says is in its own log
  }
  const auto name = *running_;
  auto record = book_.find(project_, name).value_or(fresh_record(now));
  const auto found = outcome_of(*code, store_, record.snapshot);
  process_.reset();
  running_.reset();
  const auto outcome = ending_ && found != RunOutcome::Made ? RunOutcome::Postponed : found;
  end_run(record, outcome, *code, now);
  book_.put(project_, name, record);
  quiet_ = overdue_seen_ = {};
  if (outcome == RunOutcome::Made && prunes_ && !ending_) {
    start_pruning();
  } else if (outcome == RunOutcome::Postponed) {
    not_before_ = steady_clock::now() + kPause;
  } else if (outcome == RunOutcome::Failed) {
    reporter_.warning("schedule " + name + ": " + record.snapshot + " failed with exit code " +
                      std::to_string(*code));
  }
}

pid_t Scheduler::end() {
  ending_ = true;
  if (!process_ || process_->exit_code()) {
    return -1;
  }
  process_->end();
  return process_->pid();
}

std::vector<OverdueSchedule> Scheduler::overdue(sys_seconds now) {
  if (overdue_seen_.contains(now)) {
    return overdue_;
  }
  std::vector<OverdueSchedule> overdue;
  for (const auto& standing : schedule_standings(book_, project_, captures_, now)) {
    if (standing.overdue) {
      const auto& schedule = standing.capture.schedule;
      overdue.push_back({schedule.name, civil_text(schedule.zone, *standing.overdue)});
    }
  }
  overdue_seen_ = {now, now + std::chrono::minutes(1)};
  return overdue_ = overdue;
}

}  // namespace controller
