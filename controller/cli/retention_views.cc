#include "controller/cli/retention_views.h"

#include <nlohmann/json.hpp>

#include "controller/cli/text_table.h"
#include "controller/clock.h"
#include "controller/units.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json plan_json(const RetentionPlan& plan) {
  Json json = {{"snapshots", Json::array()},
               {"obstacle", text_or_null(plan.obstacle)},
               {"needs_consent", text_or_null(plan.needs_consent)}};
  for (const auto& verdict : plan.verdicts) {
    json["snapshots"].push_back({{"name", verdict.name},
                                 {"created_at", rfc3339(verdict.taken_at)},
                                 {"kept", verdict.kept},
                                 {"reasons", verdict.reasons}});
  }
  return json;
}

Json copies_json(const PrunedCopies& one) {
  Json json = {{"destination", one.destination}};
  json.update(plan_json(one.plan));
  json["removed"] = one.outcome.removed;
  json["withheld"] = Json::array();
  for (const auto& [name, message] : one.outcome.withheld) {
    json["withheld"].push_back({{"name", name}, {"message", message}});
  }
  json["problem"] = text_or_null(one.problem);
  return json;
}

}  // namespace

std::string retention_text(const RetentionPlan& plan) {
  if (plan.verdicts.empty()) {
    return "no snapshots\n";
  }
  std::vector<Row> rows = {{"NAME", "CREATED", "", "WHY"}};
  for (const auto& verdict : plan.verdicts) {
    rows.push_back({verdict.name, rfc3339(verdict.taken_at), verdict.kept ? "keep" : "DROP",
                    joined(verdict.reasons)});
  }
  std::string text = table(rows);
  if (!plan.obstacle.empty()) {
    text += line("! ", plan.obstacle);
  }
  if (!plan.needs_consent.empty()) {
    text += line("! ", plan.needs_consent + "; this needs --confirm");
  }
  return text;
}

std::string retention_text(const std::vector<PrunedCopies>& destinations) {
  std::string text;
  for (const auto& one : destinations) {
    text += "\nat " + one.destination + ":\n";
    text += one.problem.empty() ? retention_text(one.plan) : line("! ", one.problem);
  }
  return text;
}

std::string retention_json(const RetentionPlan& plan, const PruneOutcome& outcome,
                           const std::vector<PrunedCopies>& destinations) {
  auto json = plan_json(plan);
  json["dropped"] = outcome.dropped;
  json["gone"] = outcome.gone;
  json["removed"] = Json::array();
  for (const auto& one : outcome.removed) {
    json["removed"].push_back({{"name", one.name}, {"discarded_at", rfc3339(one.discarded_at)}});
  }
  json["destinations"] = Json::array();
  for (const auto& one : destinations) {
    json["destinations"].push_back(copies_json(one));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string outcome_text(const PruneOutcome& outcome, std::chrono::seconds grace) {
  std::string text;
  for (const auto& name : outcome.dropped) {
    text += line("dropped ", name);
  }
  for (const auto& name : outcome.gone) {
    text += line("was gone already: ", name);
  }
  for (const auto& one : outcome.removed) {
    text +=
        line("removed for good ", one.name + ", which was dropped at " + rfc3339(one.discarded_at));
  }
  if (!outcome.dropped.empty() && grace.count() > 0) {
    text += "what was dropped is removed for good after " +
            human_duration(static_cast<double>(grace.count())) + "\n";
  }
  return text.empty() ? "nothing to drop\n" : text;
}

std::string outcome_text(const std::vector<PrunedCopies>& destinations) {
  std::string text;
  for (const auto& one : destinations) {
    for (const auto& name : one.outcome.removed) {
      text += line("removed from " + one.destination + " ", name);
    }
  }
  return text;
}

}  // namespace controller
