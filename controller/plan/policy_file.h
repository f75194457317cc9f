// /etc/cofferdam/config.yaml: what labels say, for stacks one cannot edit.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/plan/settings.h"

namespace controller {

/// What the file says of volumes, services and schedules, by the name it uses, in its order.
struct PolicyFile {
  std::vector<std::pair<std::string, PolicySetting>> volumes;
  std::vector<std::pair<std::string, PolicySetting>> services;
  std::vector<std::pair<std::string, PolicySetting>> schedules;
};

/// Reads the YAML; an empty text says nothing.  What is wrong with its form goes to `complaints`.
PolicyFile read_policy_file(std::string_view yaml, Complaints& complaints);

/// Complains of values of volumes and services that can be meant in no project.
void check_values(const PolicyFile& file, Complaints& complaints);

}  // namespace controller
