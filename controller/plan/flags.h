// Whether the operator asked for a volume, and in which words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/plan/policy.h"

namespace controller {

struct Flag {
  bool backup = false;
  std::string place;  // empty: nobody said anything
};

/// What is said of the volume itself wins over what is said of the services that write it.
Flag flag_of(const compose::Stack& stack, const Policy& policy, const compose::StackVolume& volume);

/// The mode said for the volume, else for the services that write it; absent: none said.  Throws
/// PolicyError if those services contradict each other.
std::optional<Mode> said_mode(const compose::Stack& stack, const Policy& policy,
                              const compose::StackVolume& volume);

/// Services of the project that mount it, by name.
enum class Access { Writes, OnlyReads };
std::vector<std::string> services_with(const compose::Stack& stack,
                                       const std::vector<compose::VolumeUser>& users,
                                       Access access);

/// Absent if nothing was said of it.
const VolumePolicy* policy_of(const Policy& policy, const compose::StackVolume& volume);

}  // namespace controller
