#include "controller/cli/remote_views.h"

#include <nlohmann/json.hpp>

#include "controller/cli/text_table.h"
#include "controller/units.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Json snapshot_json(const RemoteSnapshot& snapshot) {
  Json json = {{"name", snapshot.name}, {"id", snapshot.id}};
  if (snapshot.manifest) {
    json["created_at"] = snapshot.manifest->created_at;
    json["status"] = to_string(snapshot.manifest->status);
    json["project"] = snapshot.manifest->project;
  } else {
    json["created_at"] = nullptr;
    json["status"] = "incomplete";
    json["project"] = nullptr;
  }
  json["bytes"] = snapshot.bytes;
  if (!snapshot.problem.empty()) {
    json["problem"] = snapshot.problem;
  }
  return json;
}

std::string word_of(const CopyResult& result) {
  if (!result.failure.empty()) {
    return "failed";
  }
  switch (result.outcome.kind) {
    case CopyOutcome::Kind::Copied:
      return "copied";
    case CopyOutcome::Kind::WasThere:
      return "was there";
    case CopyOutcome::Kind::Gone:
      break;
  }
  return "gone";
}

}  // namespace

std::string remote_list_text(const std::vector<RemoteSnapshot>& snapshots) {
  if (snapshots.empty()) {
    return "no snapshots\n";
  }
  std::vector<Row> rows = {{"NAME", "ID", "CREATED", "STATUS", "PROJECT", "SIZE"}};
  for (const auto& one : snapshots) {
    const auto size = human_bytes(one.bytes);
    if (one.manifest) {
      rows.push_back({one.name, one.id, one.manifest->created_at,
                      std::string(to_string(one.manifest->status)), one.manifest->project, size});
    } else {
      rows.push_back({one.name, one.id, "-", "INCOMPLETE", "-", size + "  (" + one.problem + ")"});
    }
  }
  return table(rows);
}

std::string remote_list_json(const std::vector<RemoteSnapshot>& snapshots) {
  Json json = Json::array();
  for (const auto& one : snapshots) {
    json.push_back(snapshot_json(one));
  }
  return dump(json, 2) + "\n";
}

std::string copy_text(const CopyResult& result) {
  const auto& [snapshot, kind, bytes] = result.outcome;
  if (!result.failure.empty()) {
    return line("", "copy to " + result.destination + ": failed: " + result.failure +
                        "; the snapshot here is not touched by that, and `cofferdam copy --pending "
                        "--to " +
                        result.destination + "` goes on");
  }
  switch (kind) {
    case CopyOutcome::Kind::Copied:
      return line("",
                  "copied " + snapshot + " to " + result.destination + ": " + human_bytes(bytes));
    case CopyOutcome::Kind::WasThere:
      return line("", snapshot + " is at " + result.destination + " already");
    case CopyOutcome::Kind::Gone:
      break;
  }
  return line("", snapshot + " was deleted here before it was copied to " + result.destination);
}

std::string copy_json(const CopyResult& result) {
  const Json json = {{"type", "copy"},
                     {"snapshot", result.outcome.snapshot},
                     {"destination", result.destination},
                     {"outcome", word_of(result)},
                     {"bytes", result.outcome.bytes},
                     {"message", result.failure}};
  return dump(json, -1) + "\n";
}

}  // namespace controller
