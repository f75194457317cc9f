#include "controller/cli/schedule_keeper.h"

#include <utility>

#include "controller/cli/copy_pruning.h"
#include "controller/clock.h"
#include "dockerapi/engine.h"

namespace controller {

namespace {

// A cron expression knows nothing shorter.
constexpr std::chrono::minutes kLabelInterval{1};

std::vector<Schedule> schedules_in(const Timetable& table) {
  std::vector<Schedule> schedules;
  for (const auto& capture : table.captures) {
    schedules.push_back(capture.schedule);
  }
  return schedules;
}

std::string names_in(const Timetable& table) {
  std::string names;
  for (const auto& capture : table.captures) {
    names += (names.empty() ? "" : ", ") + capture.schedule.name;
  }
  return names.empty() ? "none" : names;
}

/// Whether anything is dropped after a run, here or at a destination.  Where the file cannot be
/// meant now, `prune` itself says so.
bool prunes(const Settings& settings, const Timetable& table) {
  try {
    return has_rules(retention_of(settings, table.captures)) ||
           !pruned_destinations(settings).empty();
  } catch (const SettingError&) {
    return true;
  }
}

/// What is said once, and again when it changes.
void tell_once(const std::string& text, std::string& told, Reporter& reporter) {
  if (std::exchange(told, text) != text && !text.empty()) {
    reporter.warning(text);
  }
}

}  // namespace

ScheduleKeeper::ScheduleKeeper(const Settings& settings, const ConfigInForce& config,
                               NotifyKeeper& notices, FigureSource& figures)
    : settings_(settings), notices_(notices), figures_(figures), config_(config) {
  figures_.note_schedules(schedules_in(read_timetable(settings_, config_.now().schedules, {}, {})));
}

void ScheduleKeeper::use_config() {
  changed_ = true;
}

void ScheduleKeeper::look(Workplace& place, Reporter& reporter) {
  try {
    if (!scheduler_) {
      begin(place, reporter);
    }
    read_labels(place);
    read_made();
    if (changed_) {
      renew(reporter);
    }
    scheduler_->look(now_in_seconds());
    std::string overdue;
    for (const auto& one : scheduler_->overdue(now_in_seconds())) {
      overdue += "schedule " + one.name + " is overdue: no snapshot since " + one.since + "\n";
      notices_.tell_overdue(project_, one.name, one.since);
    }
    tell_once(overdue, told_, reporter);
  } catch (const dockerapi::Unreachable&) {
    // Whose schedules these are is asked again at the next look.
  } catch (const std::exception& error) {
    tell_once(std::string("the schedules cannot be looked after now: ") + error.what(), told_,
              reporter);
  }
}

pid_t ScheduleKeeper::end() {
  return scheduler_ ? scheduler_->end() : -1;
}

/// While the engine is away, what they said last counts.
void ScheduleKeeper::read_labels(Workplace& place) {
  const auto steady = std::chrono::steady_clock::now();
  if (steady < labels_again_) {
    return;
  }
  try {
    auto labels = place.schedule_labels();
    changed_ = changed_ || labels != others_.labels;
    others_.labels = std::move(labels);
    labels_again_ = steady + kLabelInterval;
  } catch (const dockerapi::Error&) {
    // Said by the look at the engine.
  }
}

void ScheduleKeeper::read_made() {
  auto made = book_->made(project_);
  changed_ = changed_ || made != others_.made;
  others_.made = std::move(made);
}

void ScheduleKeeper::begin(Workplace& place, Reporter& reporter) {
  project_ = place.project();
  place.journal();  // which makes the file
  book_.emplace(settings_.state);
  read_labels(place);
  read_made();
  const auto table = read(reporter);
  const auto environment = [this] { return environment_of_jobs(config_); };
  scheduler_.emplace(table.captures, project_,
                     SchedulerSetting{*book_, place.store(), reporter, environment},
                     prunes(settings_, table));
  changed_ = false;
}

void ScheduleKeeper::renew(Reporter& reporter) {
  auto table = read(reporter);
  const auto names = names_in(table);
  const bool prunes_too = prunes(settings_, table);
  scheduler_->use(std::move(table.captures), prunes_too, now_in_seconds());
  changed_ = false;
  reporter.phase("schedules: " + names);
}

Timetable ScheduleKeeper::read(Reporter& reporter) {
  auto table = read_timetable(settings_, config_.now().schedules, others_, project_);
  std::string refused;
  for (const auto& one : table.refused) {
    refused += (refused.empty() ? "not scheduled: " : "\nnot scheduled: ") + one.problem;
  }
  tell_once(refused, told_of_labels_, reporter);
  figures_.note_schedules(schedules_in(table));
  return table;
}

}  // namespace controller
