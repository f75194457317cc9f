#include "controller/plan/policy.h"

#include <algorithm>

#include "controller/plan/hook_settings.h"
#include "controller/plan/policy_file.h"
#include "controller/plan/settings.h"

namespace controller {

namespace {

constexpr std::string_view kPrefix = "cofferdam";

std::string complaint_of_typo(const std::string& place, const std::string& name) {
  return place + ": " + name + " is unknown (our labels begin with cofferdam.)";
}

/// The settings among the labels.  Something that is nearly our prefix is a typo, and a typo must
/// not mean "not backed up".
std::vector<PolicySetting> settings_among(const dockerapi::Labels& labels, const std::string& place,
                                          Complaints& complaints) {
  constexpr std::size_t kTypo = 2;  // letters
  std::vector<PolicySetting> settings;
  for (const auto& [name, value] : labels) {
    const auto dot = name.find('.');
    const std::string_view first = std::string_view(name).substr(0, dot);
    if (first == kPrefix && dot != std::string::npos) {
      settings.push_back({name.substr(dot + 1), value, place});
    } else if (edit_distance(first, kPrefix) <= kTypo) {
      complaints.push_back(complaint_of_typo(place, name));
    }
  }
  return settings;
}

std::vector<std::string> service_names(const compose::Stack& stack) {
  std::vector<std::string> names;
  for (const auto& service : stack.services) {
    names.push_back(service.name);
  }
  return names;
}

/// By key, else by name on the host.
const compose::StackVolume* find_volume(const compose::Stack& stack, const std::string& name) {
  for (const auto member : {&compose::StackVolume::key, &compose::StackVolume::name}) {
    const auto found = std::find_if(stack.volumes.begin(), stack.volumes.end(),
                                    [&](const auto& volume) { return volume.*member == name; });
    if (found != stack.volumes.end()) {
      return &*found;
    }
  }
  return nullptr;
}

void apply_file(const compose::Stack& stack, std::string_view yaml, Policy& policy,
                Complaints& complaints) {
  const auto file = read_policy_file(yaml, complaints);
  std::vector<std::string> keys;
  for (const auto& volume : stack.volumes) {
    keys.push_back(volume.key);
  }
  for (const auto& [name, setting] : file.volumes) {
    if (const auto* volume = find_volume(stack, name)) {
      apply(setting, policy.volumes[volume->key], complaints);
    } else {
      complaints.push_back(setting.place + ": the project has no volume " + name +
                           did_you_mean(name, keys));
    }
  }
  for (const auto& [name, setting] : file.services) {
    if (compose::find_service(stack, name) != nullptr) {
      apply(setting, policy.services[name], complaints);
    } else {
      complaints.push_back(setting.place + ": the project has no service " + name +
                           did_you_mean(name, service_names(stack)));
    }
  }
}

void apply_labels(const compose::Stack& stack, Policy& policy, Complaints& complaints) {
  for (const auto& volume : stack.volumes) {
    const auto place = "label of volume " + volume.name;
    for (const auto& setting : settings_among(volume.volume.labels, place, complaints)) {
      apply(setting, policy.volumes[volume.key], complaints);
    }
  }
  for (const auto& service : stack.services) {
    // Oldest first: of replicas that differ, the newest says how it is meant now.
    for (const auto& container : service.replicas) {
      const auto place = "label of service " + service.name;
      for (const auto& setting : settings_among(container.labels, place, complaints)) {
        apply(setting, policy.services[service.name], complaints);
      }
    }
  }
}

void check_kinds(const compose::Stack& stack, const Policy& policy, Complaints& complaints) {
  using Kind = compose::StackVolume::Kind;
  for (const auto& volume : stack.volumes) {
    const auto found = policy.volumes.find(volume.key);
    if (found == policy.volumes.end() || !found->second.backup.value_or(false)) {
      continue;
    }
    const auto& place = found->second.place;
    if (volume.kind == Kind::TmpfsVolume) {
      complaints.push_back(place + ": cofferdam.backup: a tmpfs volume has nothing to keep");
    }
    if (volume.kind == Kind::Special) {
      complaints.push_back(place + ": cofferdam.backup: " + volume.key +
                           " belongs to the host or to the engine and is never captured");
    }
  }
}

void check_databases(const Policy& policy, Complaints& complaints) {
  for (const auto& [name, service] : policy.services) {
    if (service.database == "none" && !service.databases.empty()) {
      complaints.push_back(service.place + ": cofferdam.databases of service " + name +
                           " contradicts cofferdam.database: none");
    }
  }
}

}  // namespace

std::string_view to_string(Mode mode) {
  switch (mode) {
    case Mode::Stop:
      return "stop";
    case Mode::Pause:
      return "pause";
    case Mode::Live:
      return "live";
    case Mode::Dump:
      return "dump";
  }
  return "unknown";
}

Policy read_policy(const compose::Stack& stack, std::string_view config_yaml) {
  Policy policy;
  Complaints complaints;
  apply_file(stack, config_yaml, policy, complaints);
  apply_labels(stack, policy, complaints);
  check_kinds(stack, policy, complaints);
  check_databases(policy, complaints);
  check_hooks(policy, complaints);
  std::string text;
  std::sort(complaints.begin(), complaints.end());
  complaints.erase(std::unique(complaints.begin(), complaints.end()), complaints.end());
  for (const auto& complaint : complaints) {
    text += (text.empty() ? "" : "\n") + complaint;
  }
  if (!text.empty()) {
    throw PolicyError(text);
  }
  return policy;
}

}  // namespace controller
