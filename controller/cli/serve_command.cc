#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <system_error>

#include "controller/access/access_file.h"
#include "controller/cli/commands.h"
#include "controller/cli/control_socket.h"
#include "controller/cli/copy_pruning.h"
#include "controller/cli/figure_source.h"
#include "controller/cli/job_diary.h"
#include "controller/cli/job_server.h"
#include "controller/cli/notify_keeper.h"
#include "controller/cli/scheduler.h"
#include "controller/cli/served_api.h"
#include "controller/cli/wellbeing.h"
#include "controller/cli/workplace.h"
#include "controller/clock.h"
#include "controller/restore/rollback.h"

namespace controller {

namespace {

using std::chrono::milliseconds;
namespace fs = std::filesystem;

// How soon a killed command's containers come back.
constexpr milliseconds kWatchInterval{2000};
// Docker gives ten seconds between SIGTERM and SIGKILL.
constexpr milliseconds kFarewell{7000};
// After a rollback point could not be dropped.
constexpr std::chrono::minutes kPointPause{10};
// Between looks at what retention dropped.
constexpr std::chrono::minutes kTrashInterval{5};
constexpr std::uintmax_t kFullAt = 20;  // a twentieth of the disk is all that is free

void tell(Reporter& reporter, const ReplayReport& report) {
  for (const auto& action : report.actions) {
    reporter.phase(action);
  }
  for (const auto& problem : report.problems) {
    reporter.warning(problem);
  }
}

/// Clears up after dead jobs, unless a live one holds the store.  Returns what is still wrong.
std::string look_after_jobs(Workplace& place, Reporter& reporter) {
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

/// Agents may be left of a job that died after its last word in the journal.
void clear_up_once(Workplace& place, Reporter& reporter) {
  try {
    const auto lock = place.store().lock("serve: clearing up");
    tell(reporter, place.replay());
  } catch (const std::exception&) {
    // A live job holds the store, or the engine is away: the next look reports and tries again.
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

/// One look at the engine and the journal.
void look(Workplace& place, Reporter& reporter, Wellbeing& wellbeing, FigureSource& figures) {
  std::string problem;
  EngineFigures seen;
  try {
    place.engine().version();
    seen.up = true;
    seen.project = known_project(place);
    problem = look_after_jobs(place, reporter);
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

/// Rollback points whose time is over, and, where the store's disk is nearly full, the oldest one.
std::vector<RollbackPoint> points_to_drop(Workplace& place) {
  const auto points = place.journal().points();
  auto over = expired(points, std::chrono::system_clock::now());
  std::error_code problem;
  const auto space = fs::space(place.settings().store, problem);
  if (over.empty() && !points.empty() && !problem && space.available < space.capacity / kFullAt) {
    over.push_back(points.back());
  }
  return over;
}

/// Somebody began to drop a point and may not have lived to finish it.
bool has_half_dropped(Workplace& place) {
  return std::ranges::any_of(place.journal().points(), &RollbackPoint::dropping);
}

/// Drops what is to be dropped.  What cannot be now (its database server may be down) is tried
/// again later.
class PointKeeper {
 public:
  void look(Workplace& place, Reporter& reporter) {
    if (std::chrono::steady_clock::now() < again_) {
      return;
    }
    try {
      if (has_half_dropped(place)) {
        const auto lock = place.store().lock("serve: finishing the drop of a rollback point");
        tell(reporter, place.replay());  // which removes the agents of whoever began it, too
        again_ = has_half_dropped(place) ? std::chrono::steady_clock::now() + kPointPause : again_;
      }
      for (const auto& point : points_to_drop(place)) {
        const auto lock = place.store().lock("serve: dropping a rollback point");
        reporter.phase("dropping rollback point " + point.job + " of " + point.created_at +
                       ", which was kept until " + point.expires_at);
        auto setting = place.setting();
        drop_point(setting, point);
      }
    } catch (const StoreLocked&) {
      // Somebody works; the next look tries again.
    } catch (const std::exception& error) {
      reporter.warning(std::string("a rollback point cannot be dropped now: ") + error.what());
      again_ = std::chrono::steady_clock::now() + kPointPause;
    }
  }

 private:
  std::chrono::steady_clock::time_point again_;
};

/// Removes for good what retention dropped, once its grace is over.
class TrashKeeper {
 public:
  void look(Workplace& place, Reporter& reporter) {
    if (std::chrono::steady_clock::now() < again_) {
      return;
    }
    again_ = std::chrono::steady_clock::now() + kTrashInterval;
    try {
      const auto over = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) -
                        place.settings().prune_grace;
      const auto trash = place.store().discarded();
      if (trash.empty() || trash.front().discarded_at > over) {
        return;
      }
      const auto lock = place.store().lock("serve: removing dropped snapshots");
      for (const auto& one : place.store().purge(over)) {
        reporter.phase("removed snapshot " + one.name + ", which was dropped at " +
                       rfc3339(one.discarded_at));
      }
    } catch (const StoreLocked&) {
      again_ = {};  // somebody works; the next look tries again
    } catch (const std::exception& error) {
      reporter.warning(std::string("dropped snapshots cannot be removed now: ") + error.what());
    }
  }

 private:
  std::chrono::steady_clock::time_point again_;
};

/// Runs the schedules once it is known whose they are: the engine may be away at first.
class ScheduleKeeper {
 public:
  /// Throws SettingError for a schedule that cannot be meant.
  ScheduleKeeper(const Settings& settings, NotifyKeeper& notices)
      : settings_(settings), notices_(notices) {
    schedules_of(settings, {});
  }

  void look(Workplace& place, Reporter& reporter) {
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

  /// The process of a run that has been asked to end; -1: none goes on.
  pid_t end() { return scheduler_ ? scheduler_->end() : -1; }

 private:
  void begin(Workplace& place, Reporter& reporter) {
    project_ = place.project();
    auto captures = schedules_of(settings_, project_);
    const bool prunes =
        has_rules(retention_of(settings_, captures)) || !pruned_destinations(settings_).empty();
    place.journal();  // which makes the file
    book_.emplace(settings_.state);
    scheduler_.emplace(std::move(captures), project_,
                       SchedulerSetting{*book_, place.store(), reporter}, prunes);
  }

  /// Once, and again when it changes.
  void tell(const std::string& text, Reporter& reporter) {
    if (!text.empty() && text != told_) {
      reporter.warning(text);
    }
    told_ = text;
  }

  const Settings& settings_;
  NotifyKeeper& notices_;
  std::string project_;
  std::optional<ScheduleBook> book_;
  std::optional<Scheduler> scheduler_;
  std::string told_;
};

void wait(std::stop_token stop, milliseconds duration) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, duration, [] { return false; });
}

/// A zombie has no program any more.
bool runs_our_program(pid_t process) {
  std::error_code ignored;
  const auto own = fs::read_symlink("/proc/self/exe", ignored);
  return fs::read_symlink("/proc/" + std::to_string(process) + "/exe", ignored) == own;
}

/// Commands that `docker exec` started beside us: they would be killed with this container, so they
/// are asked to end cleanly before.  `except` have been asked.
std::set<pid_t> cancel_other_commands(const std::set<pid_t>& except) {
  std::set<pid_t> asked;
  if (getpid() != 1) {
    return asked;
  }
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    int pid = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
    const bool is_process = problem == std::errc() && end == name.data() + name.size();
    if (is_process && pid != 1 && !except.contains(pid) && runs_our_program(pid)) {
      kill(pid, SIGTERM);
      asked.insert(pid);
    }
  }
  return asked;
}

/// Commands end in an orderly way, and whatever is down because of us comes back, before the
/// process ends.
void take_leave(Workplace& place, Reporter& reporter, ScheduleKeeper& schedules, JobServer* jobs,
                ServedApi& api) {
  auto asked = jobs ? jobs->end() : std::set<pid_t>();
  asked.insert(schedules.end());
  asked.merge(api.end());
  asked.merge(cancel_other_commands(asked));
  const auto deadline = std::chrono::steady_clock::now() + kFarewell;
  while (std::ranges::any_of(asked, runs_our_program) &&
         std::chrono::steady_clock::now() < deadline) {
    wait({}, milliseconds{100});
  }
  while (!place.journal().open_jobs().empty()) {
    try {
      const auto lock = place.store().lock("serve: ending");
      tell(reporter, place.replay());
      return;
    } catch (const StoreLocked&) {
      if (std::chrono::steady_clock::now() >= deadline) {
        auto setting = place.setting();
        tell(reporter, bring_containers_back(setting));
        return;
      }
    }
    wait({}, milliseconds{100});
  }
}

HealthAnswers answers_of(const Settings& settings, const Wellbeing& wellbeing,
                         FigureSource& figures) {
  HealthAnswers answers;
  answers.illness = [&] { return wellbeing.illness(std::chrono::steady_clock::now()); };
  answers.unready = [&] { return wellbeing.problem(); };
  if (settings.metrics) {
    answers.metrics = [&] { return figures.text(); };
  }
  return answers;
}

/// What the settings say of the first user; on a disk that is full, nobody is added.
void welcome_admin(const Settings& settings, const AccessSettings& access, Reporter& reporter) {
  if (!access.admin_password) {
    return;
  }
  try {
    put_admin(settings, *access.admin_password);
  } catch (const AccessError& error) {
    reporter.warning(std::string("COFFERDAM_ADMIN_PASSWORD is not heeded: ") + error.what());
  }
}

/// None where it cannot be: then commands do their jobs themselves.
std::unique_ptr<JobServer> hear_commands(const Settings& settings, Reporter& reporter) {
  try {
    return std::make_unique<JobServer>(control_socket(settings));
  } catch (const std::system_error& error) {
    reporter.warning(std::string("commands do their jobs themselves: ") + error.what());
    return nullptr;
  }
}

}  // namespace

ExitCode run_serve(const CommandContext& context) {
  const auto reporter = make_reporter(context.output);
  Workplace place(context.settings, *reporter);
  place.store();
  Wellbeing wellbeing(context.settings.state);
  SharedBook book(job_book_file(context.settings));
  NotifyKeeper notices(context.settings, book, *reporter);
  FigureSource figures(context.settings, book, notices);
  const auto access = read_access_settings(process_environment());
  welcome_admin(context.settings, access, *reporter);
  ServedApi api(context.settings, access, book, answers_of(context.settings, wellbeing, figures));
  const auto jobs = hear_commands(context.settings, *reporter);
  reporter->phase("cofferdam " COFFERDAM_VERSION " serves " + context.settings.store.string());
  clear_up_once(place, *reporter);
  PointKeeper points;
  TrashKeeper trash;
  ScheduleKeeper schedules(context.settings, notices);
  while (!context.stop.stop_requested()) {
    look(place, *reporter, wellbeing, figures);
    points.look(place, *reporter);
    schedules.look(place, *reporter);
    notices.look();
    trash.look(place, *reporter);
    api.look();
    wait(context.stop, kWatchInterval);
  }
  reporter->phase("ending");
  take_leave(place, *reporter, schedules, jobs.get(), api);
  return ExitCode::Success;
}

ExitCode run_health(const CommandContext& context) {
  const auto problem = ask_health(context.settings.listen_address, context.settings.listen_port);
  if (!problem.empty()) {
    complain(problem);
    return ExitCode::Failed;
  }
  return ExitCode::Success;
}

}  // namespace controller
