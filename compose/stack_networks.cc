#include "compose/stack_networks.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

#include "compose/compose_labels.h"

namespace compose {

namespace {

using dockerapi::Container;
using dockerapi::Network;

bool is_engines_own(const Network& network) {
  static constexpr std::array<std::string_view, 3> kNames = {"bridge", "host", "none"};
  return std::find(kNames.begin(), kNames.end(), network.name) != kNames.end();
}

std::string label(const Network& network, std::string_view name) {
  const auto found = network.labels.find(std::string(name));
  return found == network.labels.end() ? std::string() : found->second;
}

bool connects(const std::vector<Container>& containers, const Network& network) {
  return std::any_of(containers.begin(), containers.end(), [&](const Container& container) {
    const auto& names = container.networks;
    return std::find(names.begin(), names.end(), network.name) != names.end();
  });
}

std::string key_of(const Network& network, const std::string& project) {
  const auto key = label(network, kNetworkLabel);
  const std::string prefix = project + "_";
  if (!key.empty()) {
    return key;
  }
  return network.name.starts_with(prefix) ? network.name.substr(prefix.size()) : network.name;
}

}  // namespace

std::vector<StackNetwork> read_networks(const Stack& stack, const Observation& seen) {
  std::vector<StackNetwork> networks;
  for (const auto& network : seen.networks) {
    StackNetwork entry;
    entry.network = network;
    entry.is_external = label(network, kProjectLabel) != stack.project;
    entry.key = entry.is_external ? network.name : key_of(network, stack.project);
    bool is_used = false;
    for (const auto& service : stack.services) {
      const bool by_replica = connects(service.replicas, network);
      is_used = is_used || by_replica || connects(service.one_offs, network);
      if (by_replica) {
        entry.services.push_back(service.name);
      }
    }
    if (!is_engines_own(network) && (is_used || !entry.is_external)) {
      networks.push_back(std::move(entry));
    }
  }
  std::sort(networks.begin(), networks.end(), [](const auto& one, const auto& other) {
    return std::tie(one.key, one.network.name, one.network.id) <
           std::tie(other.key, other.network.name, other.network.id);
  });
  return networks;
}

}  // namespace compose
