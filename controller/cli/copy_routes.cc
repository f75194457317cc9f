#include "controller/api/http_status.h"
#include "controller/cli/job_route.h"

namespace controller {

namespace {

std::vector<Route> copying(const ApiPlace& place) {
  return {
      starting(place,
               post("/snapshots/{name}/copy", Scope::Backup, "copySnapshot", "copy",
                    "Copy a snapshot to storage off the host",
                    {{"to", FieldKind::Text, false, "where to (default: the first destination)"}}),
               [](const ApiCall& call) {
                 CommandWords words({"copy"});
                 words.option("--to", call.body.text("to"));
                 return words.name(call.parameter("name"));
               }),
      starting(place,
               post("/copy", Scope::Backup, "copyPending", "copy",
                    "Copy all snapshots whose copies were begun or are owed"),
               [](const ApiCall&) {
                 return CommandWords({"copy", "--pending"});
               }),
      starting(place,
               post("/stores/{name}/fetch", Scope::Backup, "fetchSnapshot", "fetch",
                    "Bring a snapshot back from storage off the host",
                    {{"snapshot", FieldKind::Text, true, "its name there, or NAME/ID"}}),
               [](const ApiCall& call) {
                 CommandWords words({"fetch"});
                 words.option("--from", call.parameter("name"));
                 return words.name(call.body.text("snapshot"));
               })};
}

Route store_test(const ApiPlace& place) {
  auto route = post("/stores/{name}/test", Scope::Backup, "testStore", "store test",
                    "Write, read, list and delete a small object at a destination");
  route.success = 200;
  route.answer = "StoreTest";
  route.act = [place](const ApiCall& call) {
    CommandWords words({"store", "test", "--json"});
    return printed_document(place, words.name(call.parameter("name")).words());
  };
  return route;
}

Route notification_test(const ApiPlace& place) {
  auto route = post("/notifications/{name}/test", Scope::Backup, "testNotification", "notify test",
                    "Tell one of those who are told that this is a test");
  route.success = http_status::kNoContent;
  route.act = [place](const ApiCall& call) {
    CommandWords words({"notify", "test"});
    place.commands.change(words.name(call.parameter("name")).words());
    ApiAnswer answer;
    answer.status = http_status::kNoContent;
    return answer;
  };
  return route;
}

}  // namespace

std::vector<Route> copy_routes(const ApiPlace& place) {
  auto routes = copying(place);
  routes.push_back(store_test(place));
  routes.push_back(notification_test(place));
  return routes;
}

}  // namespace controller
