// What a Compose project is, read from the engine alone: its services, its volumes, who writes and
// who reads each, and what depends on what.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dockerapi/container.h"
#include "dockerapi/network.h"
#include "dockerapi/volume.h"

namespace compose {

/// What the engine knew at one moment: every container of every project, every volume and network.
struct Observation {
  std::vector<dockerapi::Container> containers;
  std::vector<dockerapi::Volume> volumes;
  std::vector<dockerapi::Network> networks = {};
};

/// A condition of depends_on.
enum class Condition { Started, Healthy, CompletedSuccessfully, RunningOrHealthy };

/// `from` needs `to`; both are nodes (see node_of()).
struct Dependency {
  std::string from;
  std::string to;
  Condition condition = Condition::Started;
  bool restart = false;
  bool is_namespace =
      false;                // by network_mode, ipc or pid: `from` cannot outlive a restart of `to`
  std::string shared = {};  // then "network", "ipc" or "pid"

  friend bool operator==(const Dependency&, const Dependency&) = default;
};

/// A service of the project with its containers, oldest first.  One-off containers (`compose run`)
/// are kept apart: they are never started by us.
struct Service {
  std::string name;
  std::vector<dockerapi::Container> replicas;
  std::vector<dockerapi::Container> one_offs;
};

/// A container that mounts a volume.
struct VolumeUser {
  dockerapi::ContainerId container;
  std::string container_name;
  std::string project;  // may be another one, or none
  std::string service;  // empty outside of Compose; also set for one-offs
  std::string node;     // see node_of()
  std::string destination;
  bool writes = false;  // then it is a producer
  bool alive = false;

  friend bool operator==(const VolumeUser&, const VolumeUser&) = default;
};

/// A volume or bind mount that the project uses or owns.
struct StackVolume {
  enum class Kind {
    Named,        // local, created by Compose or by hand with this project's labels
    External,     // used, but not labelled as the project's
    Anonymous,    // keyed by service, number and destination, not by its name
    BindVolume,   // a local volume with o=bind: hides a host directory
    Network,      // a local volume of type nfs, cifs, …: its bytes live elsewhere
    TmpfsVolume,  // a local volume of type tmpfs: nothing to keep
    Plugin,       // another driver
    Bind,         // a bind mount of a host directory or file
    Special       // /proc, /sys, /dev, /, the engine's socket or its data: never captured
  };

  std::string key;  // Compose key; anonymous: "service/number:/destination"; bind: host path
  Kind kind = Kind::Named;
  std::string name;          // resolved name on the host; bind: host path
  dockerapi::Volume volume;  // as inspected; empty for binds
  std::vector<VolumeUser> users;
  std::string
      same_as;  // key of another volume with the same driver, device and path: captured once
};

/// A network that the project owns or one of its containers is connected to; never one of the
/// engine's own (bridge, host, none).
struct StackNetwork {
  std::string key;                    // Compose key; of an external one its name
  bool is_external = false;           // used, but not labelled as the project's
  dockerapi::Network network;         // as inspected
  std::vector<std::string> services;  // with a replica that is connected to it, by name
};

/// The project.
struct Stack {
  std::string project;
  std::string working_directory;
  std::vector<std::string> config_files;
  std::string environment_file;
  std::vector<Service> services;               // by name
  std::vector<StackVolume> volumes;            // by key; tmpfs mounts are not volumes
  std::vector<StackNetwork> networks;          // by key
  std::vector<Dependency> dependencies;        // of every project, by (from, to)
  std::vector<std::string> tmpfs_mounts;       // "service: /destination", for the coverage report
  std::vector<dockerapi::Container> others;    // of other projects and of none, oldest first
  std::optional<dockerapi::ContainerId> self;  // our own container
  std::vector<std::string> observations;       // what is odd: swarm tasks, unknown mount kinds, …
};

/// Reads the project from what was observed; as if there were no containers of ours that carry the
/// label cofferdam.role=helper.  `self` is never part of what may be stopped.
Stack read_stack(const Observation& seen, const std::string& project,
                 const std::optional<dockerapi::ContainerId>& self);

/// All projects that were seen, by name.
std::vector<std::string> projects(const Observation& seen);

/// What stops and starts as one, and what a dependency joins: a service of the project by its name,
/// a service of another one as "project/service", any other container (also a one-off) as "/name".
std::string node_of(const Stack& stack, const dockerapi::Container& container);

/// The node as people write it: without the slash.
std::string shown(const std::string& node);

/// The containers of a node, oldest first; pointers into `stack`.
std::vector<const dockerapi::Container*> containers_of(const Stack& stack, const std::string& node);

/// A container that the orchestrator of a Swarm replaces as soon as it stops.
bool is_swarm_task(const dockerapi::Container& container);

/// Absent if the stack has none of that name.
const Service* find_service(const Stack& stack, const std::string& name);

std::string_view to_string(StackVolume::Kind kind);
std::string_view to_string(Condition condition);

}  // namespace compose
