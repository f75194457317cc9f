// One setting of a policy, wherever it was written, and what it may say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/plan/policy.h"

namespace controller {

/// "backup: true" at a place; `name` is the label's without "cofferdam.".
struct PolicySetting {
  std::string name;
  std::string value;  // lists are separated by commas
  std::string place;  // "label of volume shop_redis"

  friend bool operator==(const PolicySetting&, const PolicySetting&) = default;
};

/// Collects what is wrong, so that the operator sees all of it at once.
using Complaints = std::vector<std::string>;

/// Takes the setting over into `policy`, or complains and leaves it as it was.
void apply(const PolicySetting& setting, VolumePolicy& policy, Complaints& complaints);
void apply(const PolicySetting& setting, ServicePolicy& policy, Complaints& complaints);

/// Adds "<place>: cofferdam.<name>: <problem>".
void complain(const PolicySetting& setting, const std::string& problem, Complaints& complaints);

/// The one of `known` that `name` was probably meant to be; empty if none is near.
std::string nearest(std::string_view name, const std::vector<std::string>& known);

/// " (did you mean …?)", or nothing.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

/// How many letters one has to change, add or leave out to get from one to the other.
std::size_t edit_distance(std::string_view one, std::string_view other);

}  // namespace controller
