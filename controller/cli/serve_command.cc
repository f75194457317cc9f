#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <system_error>

#include "controller/access/access_file.h"
#include "controller/cli/commands.h"
#include "controller/cli/config_in_force.h"
#include "controller/cli/control_socket.h"
#include "controller/cli/figure_source.h"
#include "controller/cli/job_diary.h"
#include "controller/cli/job_keeper.h"
#include "controller/cli/job_server.h"
#include "controller/cli/leave_taking.h"
#include "controller/cli/notify_keeper.h"
#include "controller/cli/point_keeper.h"
#include "controller/cli/schedule_keeper.h"
#include "controller/cli/served_api.h"
#include "controller/cli/trash_keeper.h"
#include "controller/cli/wellbeing.h"
#include "controller/cli/workplace.h"

namespace controller {

namespace {

using std::chrono::milliseconds;

// How soon a killed command's containers come back.
constexpr milliseconds kWatchInterval{2000};

void wait(std::stop_token stop, milliseconds duration) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, duration, [] { return false; });
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

/// A config file that cannot be meant keeps serve from starting, but not what is down from coming
/// back.
ConfigInForce first_config(Workplace& place, Reporter& reporter) {
  try {
    return {place.settings(), process_environment()};
  } catch (const std::exception&) {
    clear_up_once(place, reporter);
    throw;
  }
}

/// Asks all jobs that we have started to end; starts no more.
std::set<pid_t> end_jobs(ScheduleKeeper& schedules, JobServer* jobs, ServedApi& api) {
  auto asked = jobs ? jobs->end() : std::set<pid_t>();
  asked.insert(schedules.end());
  asked.merge(api.end());
  return asked;
}

}  // namespace

ExitCode run_serve(const CommandContext& context) {
  const auto reporter = make_reporter(context.output);
  Workplace place(context.settings, *reporter);
  place.store();
  Wellbeing wellbeing(context.settings.state);
  SharedBook book(job_book_file(context.settings));
  auto config = first_config(place, *reporter);
  NotifyKeeper notices(context.settings, config.now().notifications, book, *reporter);
  FigureSource figures(context.settings, book, notices);
  const auto access = read_access_settings(process_environment());
  welcome_admin(context.settings, access, *reporter);
  ServedApi api(context.settings, access, config, book,
                answers_of(context.settings, wellbeing, figures));
  const auto jobs = hear_commands(context.settings, *reporter);
  reporter->phase("cofferdam " COFFERDAM_VERSION " serves " + context.settings.store.string());
  clear_up_once(place, *reporter);
  PointKeeper points;
  TrashKeeper trash;
  ScheduleKeeper schedules(context.settings, config, notices, figures);
  while (!context.stop.stop_requested()) {
    if (config.look(*reporter)) {
      schedules.use_config();
      notices.use(config.now().notifications);
    }
    figures.note_config(config.standing());
    look_after_jobs(place, *reporter, wellbeing, figures);
    points.look(place, *reporter);
    schedules.look(place, *reporter);
    notices.look();
    trash.look(place, *reporter);
    api.look();
    wait(context.stop, kWatchInterval);
  }
  reporter->phase("ending");
  take_leave(place, *reporter, end_jobs(schedules, jobs.get(), api));
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
