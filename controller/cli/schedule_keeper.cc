#include "controller/cli/schedule_keeper.h"

#include "controller/clock.h"
#include "dockerapi/engine.h"

namespace controller {

ScheduleKeeper::ScheduleKeeper(const Settings& settings, NotifyKeeper& notices)
    : settings_(settings), notices_(notices) {
  schedules_of(settings, {});
}

void ScheduleKeeper::look(Workplace& place, Reporter& reporter) {
  try {
    const auto now = std::chrono::floor<std::chrono::seconds>(SystemClock().now());
    if (!scheduler_) {
      begin(place, reporter);
    }
    scheduler_->look(now);
    std::string overdue;
    for (const auto& one : scheduler_->overdue(now)) {
      overdue += "schedule " + one.name + " is overdue: no snapshot since " + one.since + "\n";
      notices_.tell_overdue(project_, one.name, one.since);
    }
    tell(overdue, reporter);
  } catch (const dockerapi::Unreachable&) {
    // Whose schedules these are is asked again at the next look.
  } catch (const std::exception& error) {
    tell(std::string("the schedules cannot be looked after now: ") + error.what(), reporter);
  }
}

pid_t ScheduleKeeper::end() {
  return scheduler_ ? scheduler_->end() : -1;
}

void ScheduleKeeper::begin(Workplace& place, Reporter& reporter) {
  project_ = place.project();
  auto captures = schedules_of(settings_, project_);
  const bool prunes = has_rules(retention_of(settings_, captures));
  place.journal();  // which makes the file
  book_.emplace(settings_.state);
  scheduler_.emplace(std::move(captures), project_,
                     SchedulerSetting{*book_, place.store(), reporter}, prunes);
}

/// Once, and again when it changes.
void ScheduleKeeper::tell(const std::string& text, Reporter& reporter) {
  if (!text.empty() && text != told_) {
    reporter.warning(text);
  }
  told_ = text;
}

}  // namespace controller
