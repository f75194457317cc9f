#include <algorithm>

#include "controller/cli/commands.h"
#include "controller/cli/schedule_views.h"
#include "controller/cli/workplace.h"
#include "controller/clock.h"
#include "controller/schedule/scheduled_name.h"
#include "dockerapi/engine.h"

namespace controller {

namespace {

/// What the file says can be shown without the engine, too.
std::vector<LabelledSchedule> labels_of(Workplace& place, Reporter& reporter) {
  try {
    return place.schedule_labels();
  } catch (const dockerapi::Unreachable& error) {
    reporter.warning(std::string("what labels schedule cannot be told now: ") + error.what());
    return {};
  }
}

/// Of all schedules of the project.
ScheduleList list_of(const CommandContext& context) {
  const auto reporter = make_reporter(context.output);
  Workplace place(context.settings, *reporter);
  place.journal();  // which makes the file
  ScheduleBook book(context.settings.state);
  const auto project = place.project();
  auto table = read_timetable(context.settings, schedule_entries(context.settings),
                              {book.made(project), labels_of(place, *reporter)}, project);
  return {schedule_standings(book, project, table.captures, now_in_seconds()),
          std::move(table.refused)};
}

/// Only the named one, unless `name` is empty.  One of a label that is wrong is an error then.
std::vector<ScheduleStanding> chosen(ScheduleList list, const std::string& name) {
  if (name.empty()) {
    return list.standings;
  }
  std::string known;
  for (const auto& standing : list.standings) {
    known += (known.empty() ? "" : ", ") + standing.capture.schedule.name;
  }
  std::erase_if(list.standings, [&](const auto& one) { return one.capture.schedule.name != name; });
  if (!list.standings.empty()) {
    return list.standings;
  }
  const auto refused = std::ranges::find(list.refused, name, &RefusedSchedule::name);
  if (refused != list.refused.end()) {
    throw SettingError(refused->problem);
  }
  throw NoSuchSnapshot("there is no schedule " + name +
                       (known.empty() ? "; there are none" : "; there are " + known));
}

/// Throws SettingError, with what is wrong, unless it would be heeded.
void check(const Settings& settings, const std::string& project, const MadeSchedule& made) {
  const auto table = read_timetable(settings, schedule_entries(settings), {{made}, {}}, project);
  if (!table.refused.empty()) {
    throw SettingError(table.refused.front().problem);
  }
}

MadeSchedule made_of(const ScheduleWords& words) {
  MadeSchedule made{words.name, {{"cron", words.cron}}};
  for (const auto& [name, value] :
       {std::pair("time-zone", words.time_zone), std::pair("services", words.services),
        std::pair("missed", words.missed), std::pair("overlap", words.overlap),
        std::pair("jitter", words.jitter)}) {
    if (!value.empty()) {
      made.settings.emplace(name, value);
    }
  }
  for (const auto& rule : words.keep) {
    const auto equals = rule.find('=');
    if (equals == std::string::npos) {
      throw UsageError("--keep " + rule + ": should be RULE=N, as daily=7");
    }
    made.settings.emplace("retention." + rule.substr(0, equals), rule.substr(equals + 1));
  }
  return made;
}

}  // namespace

ExitCode run_schedule_set(const CommandContext& context, const ScheduleWords& words) {
  const auto reporter = make_reporter(context.output);
  Workplace place(context.settings, *reporter);
  const auto made = made_of(words);
  check(context.settings, place.project(), made);
  place.journal();  // which makes the file
  ScheduleBook(context.settings.state).make(place.project(), made);
  return ExitCode::Success;
}

ExitCode run_schedule_rm(const CommandContext& context, const std::string& name) {
  const auto reporter = make_reporter(context.output);
  Workplace place(context.settings, *reporter);
  place.journal();  // which makes the file
  if (!ScheduleBook(context.settings.state).unmake(place.project(), name)) {
    throw NoSuchSnapshot("no schedule " + name +
                         " was made by `schedule set`; settings, the config file and labels are "
                         "changed where they are");
  }
  return ExitCode::Success;
}

ExitCode run_schedule_ls(const CommandContext& context) {
  const auto list = list_of(context);
  print(context.output.json ? schedules_json(list, now_in_seconds())
                            : schedules_text(list, now_in_seconds()));
  return ExitCode::Success;
}

ExitCode run_schedule_next(const CommandContext& context, const std::string& name) {
  const auto standings = chosen(list_of(context), name);
  print(context.output.json ? next_json(standings, now_in_seconds())
                            : next_text(standings, now_in_seconds()));
  return ExitCode::Success;
}

ExitCode run_schedule_run(const CommandContext& context, const std::string& name) {
  const auto standing = chosen(list_of(context), name).front();
  return run_create(context,
                    {scheduled_name(name, now_in_seconds()), standing.capture.services, name});
}

}  // namespace controller
