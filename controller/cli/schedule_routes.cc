#include "controller/api/http_status.h"
#include "controller/cli/job_route.h"

namespace controller {

namespace {

/// What changes a schedule is done at once.
ApiAnswer changed(const ApiPlace& place, const CommandWords& words) {
  place.commands.change(words.words());
  ApiAnswer answer;
  answer.status = http_status::kNoContent;
  return answer;
}

ApiAnswer set_schedule(const ApiPlace& place, const ApiCall& call) {
  const auto& body = call.body;
  CommandWords words({"schedule", "set"});
  words.name(call.parameter("name"))
      .option("--cron", body.text("cron"))
      .option("--time-zone", body.text("time_zone"))
      .list("--services", body.texts("services"))
      .option("--missed", body.text("missed"))
      .option("--overlap", body.text("overlap"))
      .option("--jitter", body.text("jitter"));
  for (const auto& rule : body.texts("keep")) {
    words.option("--keep", rule);
  }
  return changed(place, words);
}

ApiAnswer remove_schedule(const ApiPlace& place, const ApiCall& call) {
  CommandWords words({"schedule", "rm"});
  return changed(place, words.name(call.parameter("name")));
}

std::vector<Field> schedule_fields() {
  return {{"cron", FieldKind::Text, true, "minute, hour, day of month, month, day of week"},
          {"time_zone", FieldKind::Text, false, "whose clocks it goes by"},
          {"services", FieldKind::Texts, false, "only what these services produce"},
          {"missed", FieldKind::Text, false, "made up for: always, never, or a longest age"},
          {"overlap", FieldKind::Text, false, "while its last run goes on: skip or queue"},
          {"jitter", FieldKind::Text, false, "runs up to that long after its time"},
          {"keep", FieldKind::Texts, false, "retention rules of its own: RULE=N"}};
}

}  // namespace

std::vector<Route> schedule_routes(const ApiPlace& place) {
  auto set = post("/schedules/{name}", Scope::Admin, "setSchedule", "schedule set",
                  "Make a schedule, or make it anew", schedule_fields());
  set.method = "PUT";
  set.success = http_status::kNoContent;
  set.act = [place](const ApiCall& call) { return set_schedule(place, call); };
  auto remove = removal("/schedules/{name}", Scope::Admin, "removeSchedule", "schedule rm",
                        "Remove a schedule that was made so");
  remove.success = http_status::kNoContent;
  remove.act = [place](const ApiCall& call) { return remove_schedule(place, call); };
  return {set, remove};
}

}  // namespace controller
