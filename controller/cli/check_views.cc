#include "controller/cli/check_views.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "controller/cli/text_table.h"
#include "controller/units.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json json_of(const CheckStanding& standing) {
  Json json = {{"level", to_string(standing.level)}, {"at", nullptr}, {"failed", nullptr}};
  if (!standing.at.empty()) {
    json["at"] = standing.at;
  }
  if (!standing.failed_kind.empty()) {
    json["failed"] = {{"kind", standing.failed_kind}, {"at", standing.failed_at}};
  }
  if (!standing.problem.empty()) {
    json["problem"] = standing.problem;
  }
  return json;
}

Json json_of(const CheckReport& report) {
  Json json = {
      {"kind", report.kind},      {"at", report.at},         {"level", to_string(report.level)},
      {"passed", report.passed},  {"reason", report.reason}, {"items", Json::array()},
      {"seconds", report.seconds}};
  for (const auto& item : report.items) {
    json["items"].push_back({{"kind", item.kind},
                             {"name", item.name},
                             {"result", to_string(item.outcome)},
                             {"text", item.text},
                             {"seconds", item.seconds}});
  }
  return json;
}

std::string day_of(const std::string& time) {
  return time.substr(0, time.find('T'));
}

double seconds_of(const CheckReport& report, const std::string& part) {
  const auto found = report.seconds.find(part);
  return found == report.seconds.end() ? 0 : found->second;
}

/// "22 s (volumes 0.61 s, databases 9.80 s, boot 12 s)"
std::string recovery_text(const CheckReport& report) {
  double total = 0;
  std::string parts;
  for (const auto* part : {"volumes", "databases", "boot"}) {
    const double seconds = seconds_of(report, part);
    total += seconds;
    parts += (parts.empty() ? "" : ", ") + std::string(part) + " " + human_duration(seconds);
  }
  return human_duration(total) + " (" + parts + ")";
}

/// What is wrong stands out.
std::string result_text(CheckedItem::Outcome outcome) {
  std::string text(to_string(outcome));
  if (!is_fine(outcome)) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char one) { return static_cast<char>(std::toupper(one)); });
  }
  return text;
}

}  // namespace

std::string standing_text(const CheckStanding& standing) {
  if (!standing.problem.empty()) {
    return "REPORTS CHANGED";
  }
  if (!standing.failed_kind.empty()) {
    return "FAILED " + standing.failed_kind + " " + day_of(standing.failed_at);
  }
  return standing.at.empty() ? "-"
                             : std::string(to_string(standing.level)) + " " + day_of(standing.at);
}

std::string standing_json(const CheckStanding& standing) {
  return dump(json_of(standing));
}

std::string checks_text(const ReportChain& checks) {
  std::vector<Row> rows;
  for (const auto& report : checks.reports) {
    const auto total = report.seconds.find("total");
    rows.push_back({"  " + report.at, report.kind, report.passed ? "passed" : "FAILED",
                    total == report.seconds.end() ? "" : human_duration(total->second),
                    report.reason});
  }
  return table(rows) + (checks.problem.empty() ? "" : line("  ! ", checks.problem));
}

std::string drill_text(const CheckReport& report) {
  std::string text = "drill of " + report.snapshot + ": " +
                     (report.passed ? "passed" : "NOT PASSED") + " in " +
                     human_duration(seconds_of(report, "total"));
  if (report.seconds.contains("volumes")) {
    text += "; recovered in " + recovery_text(report) + " after " +
            human_duration(seconds_of(report, "verify")) + " of verifying";
  }
  std::vector<Row> rows;
  for (const auto& item : report.items) {
    rows.push_back({"  " + item.kind + " " + item.name, result_text(item.outcome),
                    item.seconds > 0 ? human_duration(item.seconds) : "", item.text});
  }
  return text + "\n" + table(rows);
}

std::string drill_summary_json(const CheckReport& report, const std::string& kept) {
  Json json = {{"type", "summary"}, {"name", report.snapshot}};
  json.update(json_of(report));
  json["kept"] = nullptr;
  if (!kept.empty()) {
    json["kept"] = kept;
  }
  return dump(json);
}

std::string checks_json(const ReportChain& checks) {
  Json json = {{"standing", json_of(standing_of(checks))}, {"reports", Json::array()}};
  for (const auto& report : checks.reports) {
    json["reports"].push_back(json_of(report));
  }
  return dump(json);
}

}  // namespace controller
