#include "controller/cli/notify_views.h"

#include <nlohmann/json.hpp>

#include "controller/cli/text_table.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

std::string joined(const std::vector<std::string>& words, const std::string& otherwise) {
  std::string text;
  for (const auto& word : words) {
    text += (text.empty() ? "" : ",") + word;
  }
  return text.empty() ? otherwise : text;
}

std::vector<std::string> kinds_of(const NotifyTarget& target) {
  std::vector<std::string> words;
  for (const auto kind : target.kinds) {
    words.push_back(to_string(kind));
  }
  return words;
}

std::string state_of(const TargetStanding& standing) {
  if (!standing.problem.empty()) {
    return "failing: " + standing.problem;
  }
  return standing.delivered_at.empty() ? "never told anything" : "told " + standing.delivered_at;
}

Json null_if_empty(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

}  // namespace

std::string notify_table(const std::vector<NotifyRow>& rows) {
  if (rows.empty()) {
    return "nobody is told anything; docs/notifications.md says how\n";
  }
  std::vector<Row> lines = {{"NAME", "SERVICE", "AT", "ON", "JOBS", "WAITING", "STATE"}};
  for (const auto& [target, standing] : rows) {
    lines.push_back({target.name, to_string(target.service), target.origin,
                     joined(kinds_of(target), "-"), joined(target.jobs, "all"),
                     std::to_string(standing.waiting), state_of(standing)});
  }
  return table(std::move(lines));
}

std::string notify_json(const std::vector<NotifyRow>& rows) {
  Json array = Json::array();
  for (const auto& [target, standing] : rows) {
    array.push_back({{"name", target.name},
                     {"service", to_string(target.service)},
                     {"at", target.origin},
                     {"on", kinds_of(target)},
                     {"jobs", target.jobs},
                     {"schedules", target.schedules},
                     {"signed", !target.signing_key.empty()},
                     {"waiting", standing.waiting},
                     {"delivered", standing.delivered},
                     {"failed_attempts", standing.failed},
                     {"lost", standing.lost},
                     {"delivered_at", null_if_empty(standing.delivered_at)},
                     {"problem", null_if_empty(standing.problem)}});
  }
  return array.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace controller
