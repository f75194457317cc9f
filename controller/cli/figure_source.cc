#include "controller/cli/figure_source.h"

#include <algorithm>
#include <filesystem>

#include "controller/cli/retention_outlook.h"
#include "controller/cli/schedule_views.h"
#include "controller/clock.h"

namespace controller {

namespace {

constexpr std::chrono::minutes kStoreInterval{1};
constexpr int kJobsLookedAt = 1000;  // all that the book keeps
constexpr int kRunsLookedAt = 8;     // a week of daily ones, with its longest gap

}  // namespace

std::optional<std::chrono::seconds> expected_interval(const std::vector<Schedule>& schedules,
                                                      std::chrono::sys_seconds from) {
  std::optional<std::chrono::seconds> shortest;
  for (const auto& schedule : schedules) {
    const auto times = next_times(schedule, from, kRunsLookedAt);
    std::chrono::seconds longest{0};
    for (std::size_t i = 1; i < times.size(); ++i) {
      longest = std::max(longest, times[i] - times[i - 1]);
    }
    if (longest.count() > 0) {
      shortest = std::min(shortest.value_or(longest), longest);
    }
  }
  return shortest;
}

void FigureSource::note(const EngineFigures& seen) {
  const std::scoped_lock lock(mutex_);
  const auto project = seen.project.empty() ? engine_.project : seen.project;
  if (project != engine_.project) {
    look_again_ = {};  // whose snapshots retention speaks of
  }
  engine_ = seen;
  engine_.project = project;
}

void FigureSource::look_at_retention(const std::vector<SnapshotEntry>& entries) {
  if (!journal_ && std::filesystem::exists(settings_.state)) {
    journal_.emplace(settings_.state);
  }
  // What goes on now is no failed run yet.
  if (engine_.project.empty() || !journal_ || !journal_->open_jobs().empty()) {
    return;
  }
  try {
    const auto block =
        retention_block(plan_of(standing_of(settings_, engine_.project, entries, *journal_)));
    for (const auto& reason : retention_blocks()) {
      retention_blocked_[reason] = reason == block;
    }
  } catch (const SettingError&) {
    // The config file cannot be meant now, which has a figure of its own.
  }
}

void FigureSource::note_schedules(std::vector<Schedule> schedules) {
  const std::scoped_lock lock(mutex_);
  schedules_ = std::move(schedules);
}

void FigureSource::note_config(const ConfigStanding& standing) {
  const std::scoped_lock lock(mutex_);
  config_ = standing;
}

void FigureSource::look_at_store(Figures& figures) {
  const auto store = open_directory_store(settings_.store);
  if (std::chrono::steady_clock::now() >= look_again_) {
    const auto entries = store->list();
    stacks_ = stack_figures(entries);
    bytes_used_ = 0;
    newest_.reset();
    for (const auto& entry : entries) {
      bytes_used_ += entry.bytes;
      newest_ = std::max(
          newest_, entry.summary ? time_from_rfc3339(entry.summary->created_at) : std::nullopt);
    }
    look_at_retention(entries);
    look_again_ = std::chrono::steady_clock::now() + kStoreInterval;
  }
  figures.stacks = stacks_;
  figures.retention_blocked = retention_blocked_;
  figures.bytes_used = bytes_used_;
  figures.bytes_free = store->free_bytes();
  figures.clock_suspect = newest_ && *newest_ > now_in_seconds();
}

void FigureSource::look_at_jobs(Figures& figures) {
  const auto jobs = book_.get().jobs(kJobsLookedAt);
  if (tally_.look(jobs)) {
    look_again_ = {};
  }
  figures.captures = tally_.of("create");
  figures.restores = tally_.of("restore");
  for (const auto* kind : {"create", "restore", "verify", "drill", "prune"}) {
    figures.running[kind] = 0;
  }
  for (const auto& job : jobs) {  // newest first
    const bool running = job.state == JobState::Running;
    figures.running[job.kind] += running ? 1 : 0;
    if (job.kind == "create") {
      figures.last_attempt = std::max(figures.last_attempt, time_from_rfc3339(job.started_at));
      figures.last_state =
          figures.last_state || is_open(job.state) ? figures.last_state : job.state;
    }
  }
}

void FigureSource::look_at_schedules(Figures& figures) const {
  for (const auto& schedule : schedules_) {
    const auto times = next_times(schedule, now_in_seconds(), 1);
    if (!times.empty()) {
      figures.next_run = std::min(figures.next_run.value_or(times.front()), times.front());
    }
  }
  figures.expected_interval = expected_interval(schedules_, now_in_seconds());
}

std::string FigureSource::text() {
  const std::scoped_lock lock(mutex_);
  Figures figures;
  figures.version = COFFERDAM_VERSION;
  figures.engine_up = engine_.up;
  figures.stack = engine_.project;
  figures.pending_restart = engine_.pending_restart;
  if (config_) {
    figures.config_good = config_->good;
    figures.config_good_at = config_->good_at;
  }
  look_at_jobs(figures);
  look_at_store(figures);
  look_at_schedules(figures);
  figures.targets = notices_.standings();
  return metrics_text(figures);
}

}  // namespace controller
