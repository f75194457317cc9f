#include <cerrno>
#include <csignal>
#include <system_error>

#include "controller/api/http_status.h"
#include "controller/api/problem.h"
#include "controller/cli/api_routes.h"
#include "controller/cli/command_words.h"
#include "controller/cli/job_route.h"
#include "controller/cli/job_views.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

namespace {

constexpr int kShown = 20;
constexpr int kMost = 1000;

Job known_job(const ApiPlace& place, const std::string& id) {
  auto job = place.book.get().find(id);
  if (!job) {
    throw ApiProblem(http_status::kNotFound, "not-found", "there is no job " + id);
  }
  return *job;
}

ApiAnswer list_jobs(const ApiPlace& place, const ApiCall& call) {
  const auto limit = call.query.number("limit");
  return json_answer(jobs_json(
      place.book.get().jobs(limit <= 0 || limit > kMost ? kShown : static_cast<int>(limit))));
}

ApiAnswer show_log(const ApiPlace& place, const ApiCall& call) {
  const auto& id = call.parameter("id");
  known_job(place, id);
  std::string lines;
  for (const auto& line : place.book.get().lines(id, call.query.number("after"))) {
    const auto text = job_line_json(line);
    lines += (lines.empty() ? "" : ",") + text.substr(0, text.find_last_not_of('\n') + 1);
  }
  return json_answer("[" + lines + "]\n");
}

ApiAnswer cancel_job(const ApiPlace& place, const ApiCall& call) {
  const auto& id = call.parameter("id");
  const auto job = known_job(place, id);
  const auto process = place.book.get().process(id);
  if (!process || *process == 0) {
    throw ApiProblem(http_status::kConflict, "refused",
                     process ? "job " + id + " runs in another container"
                             : "job " + id + " does not run; it is " + to_string(job.state));
  }
  if (::kill(*process, SIGTERM) != 0 && errno != ESRCH) {
    throw std::system_error(errno, std::generic_category(), "cannot end job " + id);
  }
  auto answer = json_answer(accepted_json(id, to_string(job.state)));
  answer.status = http_status::kAccepted;
  return answer;
}

std::function<ApiAnswer(const ApiCall&)> pinning(const ApiPlace& place,
                                                 void (SnapshotStore::*pin)(const std::string&)) {
  return [place, pin](const ApiCall& call) {
    (*open_directory_store(place.settings.store).*pin)(call.parameter("name"));
    ApiAnswer answer;
    answer.status = http_status::kNoContent;
    return answer;
  };
}

std::vector<Route> pins(const ApiPlace& place) {
  Route pin{"PUT",
            "/api/v1/snapshots/{name}/pin",
            Scope::Backup,
            "pinSnapshot",
            "Keep a snapshot whatever the rules say",
            {},
            {},
            http_status::kNoContent,
            "",
            "pinSnapshot",
            pinning(place, &SnapshotStore::pin)};
  auto unpin = removal("/snapshots/{name}/pin", Scope::Admin, "unpinSnapshot", "unpinSnapshot",
                       "Let the rules decide about a snapshot again");
  unpin.success = http_status::kNoContent;
  unpin.act = pinning(place, &SnapshotStore::unpin);
  return {std::move(pin), std::move(unpin)};
}

std::vector<Route> snapshot_jobs(const ApiPlace& place) {
  const Field services = {"services", FieldKind::Texts, false, "only what these services produce"};
  return {
      starting(
          place,
          post("/snapshots", Scope::Backup, "createSnapshot", "create", "Make a snapshot",
               {{"name", FieldKind::Text, false, "its name (default: the UTC time)"}, services}),
          [](const ApiCall& call) {
            CommandWords words({"create"});
            words.option("--name", call.body.text("name"));
            return words.list("--services", call.body.texts("services"));
          }),
      starting(place,
               removal("/snapshots/{name}", Scope::Admin, "deleteSnapshot", "delete",
                       "Delete a snapshot, corrupt or not"),
               [](const ApiCall& call) {
                 return CommandWords({"delete", "--yes"}).name(call.parameter("name"));
               }),
      starting(place,
               post("/snapshots/{name}/verify", Scope::Backup, "verifySnapshot", "verify",
                    "Read every stored byte of a snapshot again"),
               [](const ApiCall& call) {
                 return CommandWords({"verify"}).name(call.parameter("name"));
               }),
      starting(
          place,
          post("/snapshots/{name}/drill", Scope::Restore, "drillSnapshot", "drill",
               "Prove a snapshot by booting the stack from it, isolated",
               {{"keep", FieldKind::Flag, false, "leave it up, to look at it"},
                {"clean", FieldKind::Flag, false, "remove what an earlier one left up"}}),
          [](const ApiCall& call) {
            CommandWords words({"drill"});
            words.flag("--keep", call.body.flag("keep")).flag("--clean", call.body.flag("clean"));
            return words.name(call.parameter("name"));
          })};
}

std::vector<Route> other_jobs(const ApiPlace& place) {
  return {starting(place,
                   post("/verify", Scope::Backup, "verifyAll", "verify",
                        "Read every stored byte of all snapshots again"),
                   [](const ApiCall&) {
                     return CommandWords({"verify", "--all"});
                   }),
          starting(place,
                   post("/prune", Scope::Admin, "prune", "prune",
                        "Drop the snapshots that no retention rule keeps",
                        {{"confirm", FieldKind::Flag, false, "although more than half would go"}}),
                   [](const ApiCall& call) {
                     CommandWords words({"prune", "--yes"});
                     return words.flag("--confirm", call.body.flag("confirm"));
                   }),
          starting(place,
                   post("/schedules/{name}/run", Scope::Backup, "runSchedule", "schedule run",
                        "Do now what a schedule does"),
                   [](const ApiCall& call) {
                     return CommandWords({"schedule", "run"}).name(call.parameter("name"));
                   })};
}

std::vector<Route> looking(const ApiPlace& place) {
  return {{"GET",
           "/api/v1/jobs",
           Scope::Read,
           "listJobs",
           "What was done, newest first",
           {{"limit", FieldKind::Number, false, "how many, from 1 to 1000 (default: 20)"}},
           {},
           200,
           "Jobs",
           "",
           [place](const ApiCall& call) { return list_jobs(place, call); }},
          {"GET",
           "/api/v1/jobs/{id}",
           Scope::Read,
           "showJob",
           "How a job goes, or went",
           {},
           {},
           200,
           "Job",
           "",
           [place](const ApiCall& call) {
             return json_answer(job_json(known_job(place, call.parameter("id"))));
           }},
          {"GET",
           "/api/v1/jobs/{id}/log",
           Scope::Read,
           "showLog",
           "What a job told",
           {{"after", FieldKind::Number, false, "only lines with a greater number"}},
           {},
           200,
           "Log",
           "",
           [place](const ApiCall& call) { return show_log(place, call); }},
          {"POST",
           "/api/v1/jobs/{id}/cancel",
           Scope::Backup,
           "cancelJob",
           "Ask a job to end in an orderly way",
           {},
           {},
           http_status::kAccepted,
           "Accepted",
           "cancel",
           [place](const ApiCall& call) { return cancel_job(place, call); }}};
}

}  // namespace

std::vector<Route> job_routes(const ApiPlace& place) {
  std::vector<Route> routes;
  for (const auto& some : {snapshot_jobs(place), pins(place), other_jobs(place), looking(place)}) {
    routes.insert(routes.end(), some.begin(), some.end());
  }
  return routes;
}

}  // namespace controller
