#include "controller/snapshot/check_report.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "controller/archive/sha256.h"
#include "controller/snapshot/byte_escapes.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;
using Outcome = CheckedItem::Outcome;

constexpr std::array<std::string_view, 4> kLevels = {"stored", "hashed", "readable", "drilled"};
constexpr std::array<std::string_view, 4> kOutcomes = {"passed", "failed", "skipped", "differs"};
constexpr std::string_view kSealStart = ",\"sha256\":\"";

std::string sha256(std::string_view text) {
  Sha256 digest;
  digest.add(text);
  return digest.hex();
}

/// The end of a line, for what stands `above` it.
std::string seal(std::string_view above) {
  return std::string(kSealStart) + sha256(above) + "\"}";
}

bool seal_holds(std::string_view line) {
  static const std::size_t size = seal("").size();
  if (line.size() < size) {
    return false;
  }
  const auto above = line.substr(0, line.size() - size);
  return line.substr(above.size()) == seal(above);
}

template <typename Enum, std::size_t N>
Enum enum_from(const std::array<std::string_view, N>& names, const std::string& word) {
  const auto found = std::ranges::find(names, word);
  if (found == names.end()) {
    throw std::invalid_argument("the word \"" + word + "\" is unknown");
  }
  return static_cast<Enum>(found - names.begin());
}

Json item_json(const CheckedItem& item) {
  return {{"kind", item.kind},
          {"name", escape_bytes(item.name)},
          {"result", to_string(item.outcome)},
          {"text", escape_bytes(item.text)},
          {"seconds", item.seconds}};
}

CheckedItem item_from(const Json& json) {
  return {json.at("kind").get<std::string>(), unescape_bytes(json.at("name").get<std::string>()),
          enum_from<Outcome>(kOutcomes, json.at("result").get<std::string>()),
          unescape_bytes(json.at("text").get<std::string>()), json.at("seconds").get<double>()};
}

CheckReport report_from(const Json& json) {
  if (json.at("format").get<int>() > CheckReport::kFormat) {
    throw std::invalid_argument("it was written by a newer version of cofferdam");
  }
  CheckReport report;
  report.snapshot = json.at("snapshot").get<std::string>();
  report.kind = json.at("kind").get<std::string>();
  report.level = enum_from<CheckLevel>(kLevels, json.at("level").get<std::string>());
  report.passed =
      enum_from<Outcome>(kOutcomes, json.at("result").get<std::string>()) == Outcome::Passed;
  report.at = json.at("at").get<std::string>();
  report.cofferdam_version = json.at("cofferdam").get<std::string>();
  report.engine_version = json.at("engine").get<std::string>();
  report.reason = unescape_bytes(json.at("reason").get<std::string>());
  for (const auto& item : json.at("items")) {
    report.items.push_back(item_from(item));
  }
  report.seconds = json.at("seconds").get<std::map<std::string, double>>();
  return report;
}

/// Throws std::invalid_argument that says what is wrong with the line.
CheckReport checked_report(std::string_view line, const std::string& previous, bool first) {
  if (!seal_holds(line)) {
    throw std::invalid_argument("it was changed: its own digest is another");
  }
  try {
    const auto json = Json::parse(line);
    if (json.at("previous").get<std::string>() != previous) {
      throw std::invalid_argument(first ? "it was written about another manifest.json"
                                        : "it does not follow the line before it");
    }
    return report_from(json);
  } catch (const Json::exception& error) {
    throw std::invalid_argument(std::string("it is no report: ") + error.what());
  }
}

}  // namespace

std::string_view to_string(CheckLevel level) {
  return kLevels.at(static_cast<std::size_t>(level));
}

std::string_view to_string(Outcome outcome) {
  return kOutcomes.at(static_cast<std::size_t>(outcome));
}

bool is_fine(Outcome outcome) {
  return outcome == Outcome::Passed || outcome == Outcome::Skipped;
}

std::string report_line(const CheckReport& report, const std::string& previous) {
  Json json = {{"format", CheckReport::kFormat},
               {"snapshot", report.snapshot},
               {"kind", report.kind},
               {"level", to_string(report.level)},
               {"result", to_string(report.passed ? Outcome::Passed : Outcome::Failed)},
               {"at", report.at},
               {"cofferdam", report.cofferdam_version},
               {"engine", report.engine_version},
               {"reason", escape_bytes(report.reason)},
               {"items", Json::array()},
               {"seconds", report.seconds}};
  for (const auto& item : report.items) {
    json["items"].push_back(item_json(item));
  }
  json["previous"] = previous;
  std::string line = json.dump();
  line.pop_back();  // the closing brace, which the seal brings
  return line + seal(line);
}

std::string_view whole_lines(std::string_view text) {
  const auto end = text.rfind('\n');
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

std::string last_digest(std::string_view lines, const std::string& manifest_digest) {
  lines = whole_lines(lines);
  if (lines.empty()) {
    return manifest_digest;
  }
  lines.remove_suffix(1);
  const auto before = lines.rfind('\n');
  return sha256(before == std::string_view::npos ? lines : lines.substr(before + 1));
}

ReportChain read_report_lines(std::string_view lines, const std::string& manifest_digest) {
  ReportChain chain;
  std::string previous = manifest_digest;
  lines = whole_lines(lines);
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(line.size() + 1);
    try {
      chain.reports.push_back(checked_report(line, previous, chain.reports.empty()));
    } catch (const std::invalid_argument& error) {
      chain.problem = "line " + std::to_string(chain.reports.size() + 1) +
                      " of the reports cannot be trusted: " + error.what();
      return chain;
    }
    previous = sha256(line);
  }
  return chain;
}

CheckStanding standing_of(const ReportChain& chain) {
  CheckStanding standing;
  standing.problem = chain.problem;
  std::vector<const CheckReport*> failures;  // that no pass of at least their level has followed
  for (const auto& report : chain.reports) {
    if (!report.passed) {
      failures.push_back(&report);
      continue;
    }
    if (report.level >= standing.level) {
      standing.level = report.level;
      standing.at = report.at;
    }
    std::erase_if(failures,
                  [&](const CheckReport* failed) { return failed->level <= report.level; });
  }
  if (!failures.empty()) {
    standing.failed_kind = failures.back()->kind;
    standing.failed_at = failures.back()->at;
  }
  return standing;
}

}  // namespace controller
