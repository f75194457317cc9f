// Networks as the engine describes them, and as it is asked to make them.
#pragma once

#include <string>
#include <vector>

#include "dockerapi/container.h"

namespace dockerapi {

/// Addresses that a network hands out.  What is empty the engine chooses.
struct AddressPool {
  std::string subnet;    // "172.20.0.0/16"
  std::string gateway;   // "172.20.0.1"
  std::string ip_range;  // the part of the subnet that containers get their addresses from

  friend bool operator==(const AddressPool&, const AddressPool&) = default;
};

struct AddressManagement {
  std::string driver = "default";
  std::vector<AddressPool> pools;

  friend bool operator==(const AddressManagement&, const AddressManagement&) = default;
};

/// A network to create.
struct NetworkSpec {
  std::string name;
  std::string driver = "bridge";
  bool internal = false;    // no way out to other networks
  bool attachable = false;  // of a swarm network: plain containers may join it
  bool enable_ipv6 = false;
  Labels labels;
  Labels options;  // of the driver
  AddressManagement addresses;
};

struct Network {
  std::string id;
  std::string name;
  std::string driver;
  std::string scope;  // "local", "global" or "swarm"
  bool internal = false;
  bool attachable = false;
  bool enable_ipv6 = false;
  Labels labels;
  Labels options;
  AddressManagement addresses;

  friend bool operator==(const Network&, const Network&) = default;
};

}  // namespace dockerapi
