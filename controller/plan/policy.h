// What the operator asked for, by labels and by /etc/cofferdam/config.yaml.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "compose/stack.h"
#include "controller/plan/hook.h"

namespace controller {

/// A label, file or setting says something that cannot be meant.  The text names the place.
class PolicyError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Mode { Stop, Pause, Live, Dump };
std::string_view to_string(Mode mode);

struct VolumePolicy {
  std::optional<bool> backup;
  std::optional<Mode> mode;
  std::vector<std::string> exclude;
  std::string place;  // where this was said: "label of volume shop_redis", "config file, line 3"
};

struct ServicePolicy {
  std::optional<bool> backup;
  std::optional<std::string> database;        // "postgres", "none"
  std::vector<std::string> databases;         // only these; empty: all
  std::optional<Mode> mode;                   // of volumes it writes that say nothing themselves
  std::optional<std::string> version_source;  // "image-tag", "label:NAME", "env:NAME"
  std::map<HookMoment, HookPolicy> hooks;
  std::optional<bool> drill;  // takes part in drills; absent: yes
  std::string place;
};

/// By volume key and by service name.
struct Policy {
  std::map<std::string, VolumePolicy> volumes;
  std::map<std::string, ServicePolicy> services;
};

/// Merges the file's text (YAML; empty: none) under the labels of the stack's volumes and
/// containers; labels win.  Throws PolicyError that lists every unknown `cofferdam.*` label and
/// impossible value with its place.
Policy read_policy(const compose::Stack& stack, std::string_view config_yaml);

}  // namespace controller
