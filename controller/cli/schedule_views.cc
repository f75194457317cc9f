#include "controller/cli/schedule_views.h"

#include <nlohmann/json.hpp>

#include "controller/cli/text_table.h"
#include "controller/clock.h"
#include "controller/schedule/fire_times.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;
using std::chrono::sys_seconds;

constexpr int kShownTimes = 5;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json json_of(const std::optional<sys_seconds>& time) {
  return time ? Json(rfc3339(*time)) : Json();
}

std::optional<sys_seconds> next_of(const Schedule& schedule, sys_seconds now) {
  const auto times = next_times(schedule, now, 1);
  return times.empty() ? std::nullopt : std::optional(times.front());
}

std::string text_of(const Schedule& schedule, const std::optional<sys_seconds>& time) {
  return time ? civil_text(schedule.zone, *time) : "-";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    text += (text.empty() ? "" : ",") + word;
  }
  return text;
}

std::string result_of(const ScheduleRecord& record) {
  if (!record.started) {
    return "-";
  }
  return record.finished ? "exit " + std::to_string(record.exit_code) : "running";
}

Json last_of(const ScheduleRecord& record) {
  if (!record.started) {
    return {};
  }
  return {{"started_at", json_of(record.started)},
          {"finished_at", json_of(record.finished)},
          {"exit_code", record.finished ? Json(record.exit_code) : Json()},
          {"snapshot", record.snapshot}};
}

}  // namespace

std::vector<sys_seconds> next_times(const Schedule& schedule, sys_seconds now, int count) {
  std::vector<sys_seconds> times;
  auto after = now - schedule.delay;
  for (int i = 0; i < count; ++i) {
    const auto next = next_fire(schedule.cron, schedule.zone, after);
    if (!next) {
      break;
    }
    times.push_back(*next + schedule.delay);
    after = *next;
  }
  return times;
}

std::string schedules_text(const ScheduleList& list, sys_seconds now) {
  std::string problems;
  for (const auto& one : list.refused) {
    problems += line("", "ERROR, not scheduled: " + one.problem);
  }
  if (list.standings.empty()) {
    return "no schedules\n" + problems;
  }
  std::vector<Row> rows = {{"NAME", "CRON", "ZONE", "SERVICES", "LAST", "RESULT", "NEXT", ""}};
  for (const auto& [capture, record, overdue] : list.standings) {
    const auto& schedule = capture.schedule;
    rows.push_back({schedule.name, schedule.cron.text, schedule.zone.name(),
                    capture.services.empty() ? "all" : joined(capture.services),
                    text_of(schedule, record.started), result_of(record),
                    text_of(schedule, next_of(schedule, now)),
                    overdue ? "OVERDUE since " + civil_text(schedule.zone, *overdue) : ""});
  }
  return table(std::move(rows)) + problems;
}

std::string schedules_json(const ScheduleList& list, sys_seconds now) {
  Json array = Json::array();
  for (const auto& [capture, record, overdue] : list.standings) {
    const auto& schedule = capture.schedule;
    array.push_back({{"name", schedule.name},
                     {"cron", schedule.cron.text},
                     {"time_zone", schedule.zone.name()},
                     {"services", capture.services},
                     {"next", json_of(next_of(schedule, now))},
                     {"waiting", json_of(record.state.waiting)},
                     {"last", last_of(record)},
                     {"succeeded_at", json_of(record.succeeded)},
                     {"overdue_since", json_of(overdue)},
                     {"made", capture.made},
                     {"problem", nullptr}});
  }
  for (const auto& one : list.refused) {
    array.push_back({{"name", one.name},
                     {"cron", one.cron},
                     {"time_zone", ""},
                     {"services", Json::array()},
                     {"next", nullptr},
                     {"waiting", nullptr},
                     {"last", nullptr},
                     {"succeeded_at", nullptr},
                     {"overdue_since", nullptr},
                     {"made", one.made},
                     {"problem", one.problem}});
  }
  return dump(array);
}

std::string next_text(const std::vector<ScheduleStanding>& standings, sys_seconds now) {
  std::string text;
  for (const auto& standing : standings) {
    const auto& schedule = standing.capture.schedule;
    text += line("", schedule.name + " (" + schedule.cron.text + ", " + schedule.zone.name() + ")");
    for (const auto time : next_times(schedule, now, kShownTimes)) {
      text += line("  ", civil_text(schedule.zone, time));
    }
  }
  return text.empty() ? "no schedules\n" : text;
}

std::string next_json(const std::vector<ScheduleStanding>& standings, sys_seconds now) {
  Json array = Json::array();
  for (const auto& standing : standings) {
    Json times = Json::array();
    for (const auto time : next_times(standing.capture.schedule, now, kShownTimes)) {
      times.push_back(rfc3339(time));
    }
    array.push_back({{"name", standing.capture.schedule.name}, {"next", times}});
  }
  return dump(array);
}

}  // namespace controller
