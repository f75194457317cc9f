#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/access/audit_log.h"
#include "controller/api/token_views.h"
#include "controller/cli/api_routes.h"
#include "controller/cli/command_words.h"
#include "controller/cli/open_destination.h"
#include "controller/cli/settings_view.h"
#include "controller/cli/snapshot_views.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

namespace {

ApiAnswer list_snapshots(const ApiPlace& place, const ApiCall& call) {
  auto entries = open_directory_store(place.settings.store)->list();
  const auto limit = call.query.number("limit");
  if (limit > 0 && static_cast<std::size_t>(limit) < entries.size()) {
    entries.erase(entries.begin(), entries.end() - limit);
  }
  return json_answer(list_json(entries) + "\n");
}

ApiAnswer show_snapshot(const ApiPlace& place, const ApiCall& call) {
  const auto store = open_directory_store(place.settings.store);
  const auto& name = call.parameter("name");
  return json_answer(show_json(store->manifest(name), store->reports(name), store->pinned(name)));
}

/// The store and the destinations of copies, without their keys.
ApiAnswer list_stores(const ApiPlace& place) {
  using Json = nlohmann::ordered_json;
  Json list = {{{"name", "store"},
                {"kind", "directory"},
                {"place", place.settings.store.string()},
                {"free_bytes", open_directory_store(place.settings.store)->free_bytes()},
                {"every_snapshot", true}}};
  for (const auto& one : destinations_of(place.settings)) {
    list.push_back({{"name", one.name},
                    {"kind", "s3"},
                    {"place", one.endpoint + "/" + one.bucket + "/" + one.prefix},
                    {"free_bytes", nullptr},
                    {"every_snapshot", one.upload}});
  }
  return json_answer(list.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

using Act = std::function<ApiAnswer(const ApiCall&)>;

Route get(const std::string& path, const std::string& operation, const std::string& answer,
          const std::string& summary, Act act) {
  return {"GET", "/api/v1" + path, Scope::Read, operation,     summary, {}, {},
          200,   answer,           "",          std::move(act)};
}

/// What a command prints.
Route printing(const ApiPlace& place, const std::string& path, const std::string& operation,
               const std::string& answer, const std::string& summary,
               const std::vector<std::string>& words) {
  return get(path, operation, answer, summary,
             [place, words](const ApiCall&) { return printed_document(place, words); });
}

std::vector<Route> looked_at_here(const ApiPlace& place) {
  auto snapshots = get("/snapshots", "listSnapshots", "Snapshots", "The snapshots, oldest first",
                       [place](const ApiCall& call) { return list_snapshots(place, call); });
  snapshots.query = {{"limit", FieldKind::Number, false, "only so many, the newest"}};
  auto audit =
      get("/audit", "showAudit", "Audit", "Who did what, and whether the log is whole",
          [place](const ApiCall&) { return json_answer(audit_json(AuditLog(place.file).read())); });
  audit.scope = Scope::Admin;
  return {snapshots, audit,
          get("/snapshots/{name}", "showSnapshot", "Snapshot",
              "A snapshot's manifest, and what was checked of it",
              [place](const ApiCall& call) { return show_snapshot(place, call); }),
          get("/stores", "listStores", "Stores", "Where snapshots are kept",
              [place](const ApiCall&) { return list_stores(place); }),
          get("/settings", "listSettings", "Settings", "Which settings are made, and where",
              [](const ApiCall&) { return json_answer(settings_json(process_environment())); })};
}

std::vector<Route> printed(const ApiPlace& place) {
  auto plan =
      get("/plan", "showPlan", "Plan", "What would be captured, how, and what nothing protects",
          [place](const ApiCall& call) {
            CommandWords words({"plan", "--json"});
            words.list("--services", call.query.texts("services"));
            return printed_document(place, words.words());
          });
  plan.query = {{"services", FieldKind::Texts, false, "only what these services produce"}};
  return {plan,
          printing(place, "/points", "listPoints", "Points",
                   "What restores replaced and can be gone back to", {"points", "--json"}),
          printing(place, "/schedules", "listSchedules", "Schedules",
                   "The schedules, and how they go", {"schedule", "ls", "--json"}),
          printing(place, "/schedules/next", "nextTimes", "NextTimes",
                   "The next five times of each schedule", {"schedule", "next", "--json"}),
          printing(place, "/retention", "previewRetention", "Retention",
                   "What the rules keep and would drop", {"prune", "--dry-run", "--json"}),
          printing(place, "/notifications", "listNotifications", "Notifications",
                   "Who is told of what, and how it goes", {"notify", "ls", "--json"}),
          get("/stores/{name}/snapshots", "listCopies", "Copies",
              "The snapshots at a destination of copies", [place](const ApiCall& call) {
                CommandWords words({"list", "--json"});
                words.option("--from", call.parameter("name"));
                return printed_document(place, words.words());
              })};
}

}  // namespace

ApiAnswer printed_document(const ApiPlace& place, const std::vector<std::string>& words) {
  const auto text = place.commands.look(words);
  // Warnings come as lines before it.
  const auto object = text.rfind("\n{");
  const auto array = text.rfind("\n[");
  const auto before = std::max(object == std::string::npos ? 0 : object + 1,
                               array == std::string::npos ? 0 : array + 1);
  return json_answer(text.substr(before));
}

std::vector<Route> read_routes(const ApiPlace& place) {
  auto routes = looked_at_here(place);
  for (const auto& route : printed(place)) {
    routes.push_back(route);
  }
  return routes;
}

}  // namespace controller
