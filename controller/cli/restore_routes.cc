#include <nlohmann/json.hpp>

#include "controller/api/http_status.h"
#include "controller/api/problem.h"
#include "controller/cli/api_routes.h"
#include "controller/cli/command_words.h"
#include "controller/cli/job_route.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

namespace {

const Field kPlan = {"plan", FieldKind::Text, true, "the hash that the preview showed"};

std::vector<Field> restore_fields() {
  return {{"services", FieldKind::Texts, false, "only what these services produced"},
          {"volumes", FieldKind::Texts, false, "only the volumes with these Compose keys"},
          {"databases", FieldKind::Texts, false, "only these databases: [SERVICE/]NAME"},
          {"table", FieldKind::Text, false, "only the rows of this table: SCHEMA.TABLE"},
          {"map", FieldKind::Texts, false, "volumes into others: VOLUME=NAME"},
          {"only_volumes", FieldKind::Flag, false, "no databases"},
          {"only_databases", FieldKind::Flag, false, "no volumes"},
          {"as_copy", FieldKind::Text, false, "into new volumes and databases of this ending"},
          {"stop_running", FieldKind::Flag, false, "stop who uses what is replaced"},
          {"force", FieldKind::Flag, false, "also into foreign volumes that hold something"},
          {"ignore_version", FieldKind::Flag, false, "although another major version runs"}};
}

CommandWords restore_words(const ApiCall& call) {
  const auto& body = call.body;
  CommandWords words({"restore"});
  words.name(call.parameter("name"))
      .list("--services", body.texts("services"))
      .list("--volume", body.texts("volumes"))
      .list("--database", body.texts("databases"))
      .option("--table", body.text("table"))
      .option("--as-copy", body.text("as_copy"))
      .flag("--only-volumes", body.flag("only_volumes"))
      .flag("--only-databases", body.flag("only_databases"))
      .flag("--stop-running", body.flag("stop_running"))
      .flag("--force", body.flag("force"))
      .flag("--ignore-version", body.flag("ignore_version"));
  for (const auto& map : body.texts("map")) {
    words.option("--map", map);
  }
  return words;
}

/// What is known to be corrupt is refused before a job is made of it; the job itself compares every
/// byte that it will read before it touches anything.
void check_soundness(const ApiPlace& place, const std::string& name) {
  const auto store = open_directory_store(place.settings.store);
  store->manifest(name);  // throws what is wrong with it
  const auto checks = standing_of(store->reports(name));
  if (checks.failed_kind == "verify") {
    throw ApiProblem(http_status::kConflict, "corrupt",
                     "snapshot " + name + " did not pass the verify of " + checks.failed_at);
  }
}

CommandWords undo_words(const ApiCall& call) {
  return CommandWords({"undo"}).name(call.parameter("point"));
}

ApiAnswer preview(const ApiPlace& place, CommandWords words) {
  return printed_document(place, words.flag("--dry-run").flag("--json").flag("--quiet").words());
}

std::string hash_in(const ApiAnswer& preview) {
  return nlohmann::json::parse(preview.body).at("hash").get<std::string>();
}

/// The job looks at its plan again; whoever asks is told here already if it is another one.
void check_plan(const ApiPlace& place, const ApiCall& call, const CommandWords& words) {
  try {
    if (hash_in(preview(place, words)) != call.body.text("plan")) {
      throw ApiProblem(http_status::kConflict, "plan-changed",
                       "something changed since that plan was shown; look at the preview again");
    }
  } catch (const ApiProblem& problem) {
    // While it waits for its turn, it cannot be seen what it will find.
    if (problem.code() != "locked" || !call.body.flag("queue")) {
      throw;
    }
  }
}

ApiAnswer start_as_shown(const ApiPlace& place, const ApiCall& call, CommandWords words) {
  check_plan(place, call, words);
  words.option("--plan", call.body.text("plan")).flag("--queue", call.body.flag("queue"));
  return started_job(place, call, words.words());
}

ApiAnswer preview_restore(const ApiPlace& place, const ApiCall& call) {
  check_soundness(place, call.parameter("name"));
  return preview(place, restore_words(call));
}

ApiAnswer restore_as_shown(const ApiPlace& place, const ApiCall& call) {
  check_soundness(place, call.parameter("name"));
  return start_as_shown(place, call, restore_words(call));
}

ApiAnswer drop_point(const ApiPlace& place, const ApiCall& call) {
  return started_job(place, call,
                     CommandWords({"commit", "--yes"}).name(call.parameter("point")).words());
}

}  // namespace

std::vector<Route> restore_routes(const ApiPlace& place) {
  auto with_plan = restore_fields();
  with_plan.push_back(kPlan);
  with_plan.push_back(queue_field());
  return {{"POST",
           "/api/v1/snapshots/{name}/restore/preview",
           Scope::Restore,
           "previewRestore",
           "What a restore would do, and the hash of that plan",
           {},
           restore_fields(),
           200,
           "RestorePlan",
           "",
           [place](const ApiCall& call) { return preview_restore(place, call); }},
          {"POST",
           "/api/v1/snapshots/{name}/restore",
           Scope::Restore,
           "restoreSnapshot",
           "Do exactly what the preview showed, with the same words",
           {},
           with_plan,
           http_status::kAccepted,
           "Accepted",
           "restore",
           [place](const ApiCall& call) { return restore_as_shown(place, call); }},
          {"POST",
           "/api/v1/points/{point}/undo/preview",
           Scope::Restore,
           "previewUndo",
           "What going back would do, and the hash of that plan",
           {},
           {},
           200,
           "RestorePlan",
           "",
           [place](const ApiCall& call) { return preview(place, undo_words(call)); }},
          {"POST",
           "/api/v1/points/{point}/undo",
           Scope::Restore,
           "undo",
           "Go back to what a restore replaced",
           {},
           {kPlan, queue_field()},
           http_status::kAccepted,
           "Accepted",
           "undo",
           [place](const ApiCall& call) { return start_as_shown(place, call, undo_words(call)); }},
          {"DELETE",
           "/api/v1/points/{point}",
           Scope::Restore,
           "dropPoint",
           "Drop what a restore replaced: there is no way back then",
           {},
           {},
           http_status::kAccepted,
           "Accepted",
           "commit",
           [place](const ApiCall& call) { return drop_point(place, call); }}};
}

}  // namespace controller
