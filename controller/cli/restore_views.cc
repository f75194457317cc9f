#include "controller/cli/restore_views.h"

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "controller/restore/table_restore.h"
#include "controller/units.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

/// Of RFC 3339 in UTC, as manifests have it; absent if it is none.
std::optional<std::chrono::system_clock::time_point> time_of(const std::string& text) {
  std::tm parts{};
  if (strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr) {
    return std::nullopt;
  }
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

std::string age(std::chrono::seconds span) {
  const auto minutes = std::max<std::int64_t>(span.count(), 0) / 60;
  if (minutes < 60) {
    return std::to_string(minutes) + " min";
  }
  const auto hours = minutes / 60;
  if (hours < 48) {
    return std::to_string(hours) + " h " + std::to_string(minutes % 60) + " min";
  }
  return std::to_string(hours / 24) + " d " + std::to_string(hours % 24) + " h";
}

std::string title(const KeptItem& item) {
  using Kind = KeptItem::Kind;
  const bool database = item.kind == Kind::Database || item.kind == Kind::NewDatabase;
  return database ? "database " + item.subject + "/" + item.detail : "volume " + item.subject;
}

Json json_of(const RollbackPoint& point) {
  Json items = Json::array();
  for (const auto& item : point.items) {
    items.push_back({{"what", title(item)}, {"bytes", item.bytes}});
  }
  return {{"point", point.job},
          {"kind", point.kind},
          {"project", point.project},
          {"snapshot", point.snapshot},
          {"created_at", point.created_at},
          {"expires_at", point.expires_at},
          {"bytes", kept_bytes(point)},
          {"items", std::move(items)}};
}

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string data_loss(const RestorePlan& plan, std::chrono::system_clock::time_point now) {
  const auto taken = time_of(plan.taken_at);
  if (!taken || (plan.stops.empty() && plan.databases.empty())) {
    return {};
  }
  return (is_of_table(plan) ? "  lost for good: what was written to the table since "
                            : "  lost unless undone: what was written since ") +
         plan.taken_at + " (" +
         age(std::chrono::duration_cast<std::chrono::seconds>(now - *taken)) + ")\n";
}

std::string summary_text(const RestorePlan& plan, const RestoreResult& result) {
  double longest = 0;
  for (const auto& [name, seconds] : result.downtime) {
    longest = std::max(longest, seconds);
  }
  std::string text = (plan.kind == "undo" ? "undone: the restore of " : "restored ") +
                     plan.snapshot + ", " + std::to_string(plan.volumes.size()) + " volume(s), " +
                     std::to_string(plan.databases.size()) + " database(s)";
  if (!result.downtime.empty()) {
    text += "; longest downtime " + std::to_string(longest).substr(0, 5) + " s";
  }
  text += "\n";
  if (result.point) {
    const std::string undo = plan.kind == "undo" ? "undo " + result.point->job : "undo";
    text += "what was live before is kept until " + result.point->expires_at + " (" +
            human_bytes(kept_bytes(*result.point)) + "): `cofferdam " + undo +
            "` goes back to it, `cofferdam commit` drops it\n";
  }
  return text;
}

std::string summary_json(const RestorePlan& plan, const RestoreResult& result) {
  Json json = {{"type", "summary"},
               {"kind", plan.kind},
               {"snapshot", plan.snapshot},
               {"status", "success"},
               {"downtime_seconds", result.downtime},
               {"volumes", plan.volumes.size()},
               {"databases", plan.databases.size()}};
  if (result.point) {
    json["point"] = json_of(*result.point);
  }
  return dumped(json);
}

std::string summary_text(const RestorePlan& plan, const RestoredTable& table) {
  const auto& record = plan.databases.front().record;
  return "restored table " + table.schema + "." + table.name + " of " + record.service + "/" +
         record.name + " from " + plan.snapshot + ": " + std::to_string(table.rows) +
         " row(s) in the place of " + std::to_string(table.rows_before) + "\n";
}

std::string summary_json(const RestorePlan& plan, const RestoredTable& table) {
  const auto& record = plan.databases.front().record;
  return dumped({{"type", "summary"},
                 {"kind", plan.kind},
                 {"snapshot", plan.snapshot},
                 {"status", "success"},
                 {"table",
                  {{"service", record.service},
                   {"database", record.name},
                   {"schema", table.schema},
                   {"name", table.name},
                   {"rows", table.rows},
                   {"rows_before", table.rows_before}}}});
}

std::string points_text(const std::vector<RollbackPoint>& points) {
  if (points.empty()) {
    return "no rollback points\n";
  }
  std::string text;
  for (const auto& point : points) {
    text += point.job + "  " + point.created_at + "  before the " + point.kind + " of " +
            point.snapshot + ", until " + point.expires_at + ", " + human_bytes(kept_bytes(point)) +
            "\n";
    for (const auto& item : point.items) {
      text += "  " + title(item) + (item.bytes > 0 ? ", " + human_bytes(item.bytes) : "") + "\n";
    }
  }
  return text;
}

std::string points_json(const std::vector<RollbackPoint>& points) {
  Json json = Json::array();
  for (const auto& point : points) {
    json.push_back(json_of(point));
  }
  return dumped(json);
}

}  // namespace controller
