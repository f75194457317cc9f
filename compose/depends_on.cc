#include "compose/depends_on.h"

#include <optional>

namespace compose {

namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

std::optional<Condition> condition_from(std::string_view text) {
  for (const auto condition : {Condition::Started, Condition::Healthy,
                               Condition::CompletedSuccessfully, Condition::RunningOrHealthy}) {
    if (text == to_string(condition)) {
      return condition;
    }
  }
  return std::nullopt;
}

}  // namespace

DependsOn parse_depends_on(const std::string& from, std::string_view label) {
  DependsOn result;
  for (const auto& entry : split(label, ',')) {
    const auto fields = split(entry, ':');
    if (fields.front().empty()) {
      continue;
    }
    Dependency dependency{from, fields.front(), Condition::RunningOrHealthy, true, false, {}};
    if (fields.size() > 1) {
      if (const auto condition = condition_from(fields[1])) {
        dependency.condition = *condition;
      } else {
        result.odd.push_back(from + ": depends_on " + fields.front() +
                             " has a condition unknown to this version: " + fields[1]);
      }
    }
    if (fields.size() > 2) {
      dependency.restart = fields[2] == "true";
    }
    result.dependencies.push_back(dependency);
  }
  return result;
}

}  // namespace compose
