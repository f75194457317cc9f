#include "controller/cli/job_keeper.h"

#include <algorithm>

namespace controller {

namespace {

/// Clears up after dead jobs, unless a live one holds the store.  Returns what is still wrong.
std::string clear_up_after_dead(Workplace& place, Reporter& reporter) {
  if (place.journal().open_jobs().empty()) {
    return {};
  }
  try {
    const auto lock = place.store().lock("serve: clearing up after an unfinished job");
    const auto report = place.replay();
    tell(reporter, report);
    return report.problems.empty() ? std::string() : report.problems.front();
  } catch (const StoreLocked&) {
    return {};  // the job is alive
  }
}

/// The sidecar's own project; empty if nobody said which and the engine does not show it.
std::string known_project(Workplace& place) {
  try {
    return place.project();
  } catch (const SettingError&) {
    return {};
  }
}

/// Containers that are down because of a job and are to come back.
int pending_restart(Journal& journal) {
  std::ptrdiff_t pending = 0;
  for (const auto& job : journal.open_jobs()) {
    pending += std::ranges::count(journal.open_steps(job.id), Step::Kind::Container, &Step::kind);
  }
  return static_cast<int>(pending);
}

}  // namespace

void tell(Reporter& reporter, const ReplayReport& report) {
  for (const auto& action : report.actions) {
    reporter.phase(action);
  }
  for (const auto& problem : report.problems) {
    reporter.warning(problem);
  }
}

void clear_up_once(Workplace& place, Reporter& reporter) {
  try {
    const auto lock = place.store().lock("serve: clearing up");
    tell(reporter, place.replay());
  } catch (const std::exception&) {
    // A live job holds the store, or the engine is away: the next look reports and tries again.
  }
}

void look_after_jobs(Workplace& place, Reporter& reporter, Wellbeing& wellbeing,
                     FigureSource& figures) {
  std::string problem;
  EngineFigures seen;
  try {
    place.engine().version();
    seen.up = true;
    seen.project = known_project(place);
    problem = clear_up_after_dead(place, reporter);
    seen.pending_restart = pending_restart(place.journal());
  } catch (const std::exception& error) {
    problem = error.what();
    if (wellbeing.problem() != problem) {
      reporter.warning(problem);
    }
  }
  figures.note(seen);
  wellbeing.note_round(problem, std::chrono::steady_clock::now());
}

}  // namespace controller
