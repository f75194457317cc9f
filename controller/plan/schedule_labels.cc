#include "controller/plan/schedule_labels.h"

#include <map>

namespace controller {

namespace {

constexpr std::string_view kPrefix = "cofferdam.schedule";

/// Of one container, by name.
std::map<std::string, LabelledSchedule> schedules_among(const dockerapi::Labels& labels,
                                                        const std::string& service) {
  std::map<std::string, LabelledSchedule> schedules;
  for (const auto& [label, value] : labels) {
    const std::string rest = label.starts_with(kPrefix) ? label.substr(kPrefix.size()) : "-";
    if (!rest.empty() && rest.front() != '.') {
      continue;
    }
    const auto dot = rest.find('.', 1);
    const auto name = rest.empty() ? rest : rest.substr(1, dot - 1);
    auto& schedule = schedules[name];
    schedule.name = name;
    schedule.service = service;
    schedule.settings.push_back({dot == std::string::npos ? "cron" : rest.substr(dot + 1), value,
                                 "label " + label + " of service " + service});
  }
  return schedules;
}

}  // namespace

std::vector<LabelledSchedule> schedule_labels(const compose::Stack& stack) {
  std::vector<LabelledSchedule> found;
  for (const auto& service : stack.services) {
    if (service.replicas.empty()) {
      continue;
    }
    for (auto& [name, schedule] : schedules_among(service.replicas.back().labels, service.name)) {
      found.push_back(std::move(schedule));
    }
  }
  return found;
}

}  // namespace controller
