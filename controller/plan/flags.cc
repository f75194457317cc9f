#include "controller/plan/flags.h"

#include <algorithm>
#include <set>

namespace controller {

namespace {

bool is_own_service(const compose::Stack& stack, const compose::VolumeUser& user) {
  return user.project == stack.project && !user.service.empty() && user.node == user.service;
}

/// What a service says of all that it writes does not reach what cannot or need not be kept.
bool reached_by_services(const compose::StackVolume& volume) {
  using Kind = compose::StackVolume::Kind;
  return volume.kind != Kind::Special && volume.kind != Kind::TmpfsVolume &&
         volume.kind != Kind::Network;
}

PolicyError contradiction(const std::string& one, const std::string& other,
                          const compose::StackVolume& volume) {
  return PolicyError("services " + one + " and " + other + " say different modes for volume " +
                     volume.key + ": set cofferdam.mode on the volume");
}

}  // namespace

Flag flag_of(const compose::Stack& stack, const Policy& policy,
             const compose::StackVolume& volume) {
  const auto* own = policy_of(policy, volume);
  if (own != nullptr && own->backup) {
    return {*own->backup, own->place};
  }
  Flag flag;
  if (!reached_by_services(volume)) {
    return flag;
  }
  for (const auto& name : services_with(stack, volume.users, Access::Writes)) {
    const auto service = policy.services.find(name);
    if (service == policy.services.end() || !service->second.backup || flag.backup) {
      continue;
    }
    flag = {*service->second.backup, service->second.place};
  }
  return flag;
}

std::optional<Mode> said_mode(const compose::Stack& stack, const Policy& policy,
                              const compose::StackVolume& volume) {
  const auto* own = policy_of(policy, volume);
  if (own != nullptr && own->mode) {
    return own->mode;
  }
  std::optional<Mode> said;
  std::string by;
  for (const auto& name : services_with(stack, volume.users, Access::Writes)) {
    const auto service = policy.services.find(name);
    if (service == policy.services.end() || !service->second.mode) {
      continue;
    }
    if (said && *said != *service->second.mode) {
      throw contradiction(by, name, volume);
    }
    said = service->second.mode;
    by = name;
  }
  return said;
}

std::vector<std::string> services_with(const compose::Stack& stack,
                                       const std::vector<compose::VolumeUser>& users,
                                       Access access) {
  std::set<std::string> writers;
  std::set<std::string> readers;
  for (const auto& user : users) {
    if (is_own_service(stack, user)) {
      (user.writes ? writers : readers).insert(user.service);
    }
  }
  std::erase_if(readers, [&](const auto& name) { return writers.contains(name); });
  const auto& names = access == Access::Writes ? writers : readers;
  return {names.begin(), names.end()};
}

const VolumePolicy* policy_of(const Policy& policy, const compose::StackVolume& volume) {
  const auto found = policy.volumes.find(volume.key);
  return found == policy.volumes.end() ? nullptr : &found->second;
}

}  // namespace controller
