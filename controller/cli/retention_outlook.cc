#include "controller/cli/retention_outlook.h"

#include <algorithm>
#include <utility>

#include "controller/calendar/time_zone.h"
#include "controller/cli/copies.h"
#include "controller/cli/schedule_settings.h"
#include "controller/clock.h"
#include "controller/retention/snapshot_candidates.h"

namespace controller {

namespace {

constexpr int kJobsLookedAt = 1000;
constexpr const char* kClock = "clock";
constexpr const char* kFailedRun = "failed-run";
constexpr const char* kConsent = "consent";

/// The clocks that days and weeks go by.
TimeZone zone_of(const Settings& settings) {
  try {
    return TimeZone(settings.time_zone);
  } catch (const UnknownTimeZone& error) {
    throw SettingError(std::string("COFFERDAM_TIME_ZONE or TZ: ") + error.what());
  }
}

/// Snapshots that somebody works with, or may want again.
std::map<std::string, std::string> in_use(const Settings& settings, Journal& journal) {
  auto used = owed_copies(settings);
  for (const auto& point : journal.points()) {
    used[point.snapshot] = "its " + point.kind + " of " + point.created_at +
                           " can be undone until " + point.expires_at;
  }
  for (const auto& job : journal.open_jobs()) {
    used[job.snapshot] = job.kind + " " + job.id + " is not finished";
  }
  return used;
}

/// The newest capture of the project, if it left no snapshot.
std::string failed_run(Journal& journal, const std::string& project) {
  const auto jobs = journal.jobs(kJobsLookedAt);
  const auto last = std::ranges::find_if(
      jobs, [&](const JobRecord& job) { return job.kind == "create" && job.project == project; });
  if (last == jobs.end() || last->state == to_string(Status::Success) ||
      last->state == to_string(Status::Degraded)) {
    return {};
  }
  return "create " + last->snapshot + " of " + last->started_at + " (" + last->state + ")";
}

bool is_from_the_future(const RetentionVerdict& verdict) {
  return std::ranges::find(verdict.reasons, "from the future") != verdict.reasons.end();
}

}  // namespace

StoreStanding standing_of(const Settings& settings, const std::string& project,
                          std::vector<SnapshotEntry> entries, Journal& journal) {
  const auto zone = zone_of(settings);
  return {project,
          std::move(entries),
          in_use(settings, journal),
          retention_of(settings, schedules_of(settings, project)),
          {now_in_seconds(), [zone](auto time) { return zone.civil(time); },
           failed_run(journal, project)}};
}

RetentionPlan plan_of(const StoreStanding& standing) {
  return plan_retention(standing.policies,
                        retention_candidates(standing.snapshots, standing.project, standing.in_use),
                        standing.moment);
}

std::string retention_block(const RetentionPlan& plan) {
  if (dropped(plan).empty()) {
    return {};
  }
  if (!plan.obstacle.empty()) {
    return std::ranges::any_of(plan.verdicts, is_from_the_future) ? kClock : kFailedRun;
  }
  return plan.needs_consent.empty() ? "" : kConsent;
}

std::vector<std::string> retention_blocks() {
  return {kClock, kFailedRun, kConsent};
}

}  // namespace controller
