#include <algorithm>

#include "controller/cli/commands.h"
#include "controller/cli/schedule_views.h"
#include "controller/cli/workplace.h"
#include "controller/clock.h"
#include "controller/schedule/scheduled_name.h"

namespace controller {

namespace {

std::chrono::sys_seconds now() {
  return std::chrono::floor<std::chrono::seconds>(SystemClock().now());
}

/// Those of the project; only the named one unless `name` is empty.
std::vector<ScheduledCapture> chosen(const CommandContext& context, const std::string& project,
                                     const std::string& name) {
  auto captures = schedules_of(context.settings, project);
  if (name.empty()) {
    return captures;
  }
  std::string known;
  for (const auto& capture : captures) {
    known += (known.empty() ? "" : ", ") + capture.schedule.name;
  }
  std::erase_if(captures, [&](const auto& one) { return one.schedule.name != name; });
  if (captures.empty()) {
    throw NoSuchSnapshot("there is no schedule " + name +
                         (known.empty() ? "; there are none" : "; there are " + known));
  }
  return captures;
}

std::vector<ScheduleStanding> standings_of(const CommandContext& context, const std::string& name) {
  const auto reporter = make_reporter(context.output);
  Workplace place(context.settings, *reporter);
  place.journal();  // which makes the file
  ScheduleBook book(context.settings.state);
  const auto project = place.project();
  return schedule_standings(book, project, chosen(context, project, name), now());
}

}  // namespace

ExitCode run_schedule_ls(const CommandContext& context) {
  const auto standings = standings_of(context, {});
  print(context.output.json ? schedules_json(standings, now()) : schedules_text(standings, now()));
  return ExitCode::Success;
}

ExitCode run_schedule_next(const CommandContext& context, const std::string& name) {
  const auto standings = standings_of(context, name);
  print(context.output.json ? next_json(standings, now()) : next_text(standings, now()));
  return ExitCode::Success;
}

ExitCode run_schedule_run(const CommandContext& context, const std::string& name) {
  const auto standing = standings_of(context, name).front();
  return run_create(context, {scheduled_name(name, now()), standing.capture.services, name});
}

}  // namespace controller
