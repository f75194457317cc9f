// Looking at an engine, and finding ourselves in it.
#pragma once

#include <optional>
#include <string>

#include "compose/stack.h"
#include "dockerapi/engine.h"

namespace compose {

Observation observe(dockerapi::Engine& engine);

/// Files of /proc that tell in which container we run; injected for tests.
struct OwnProcess {
  std::string mount_table;  // /proc/self/mountinfo
  std::string cgroups;      // /proc/self/cgroup
  std::string hostname;
};
OwnProcess own_process();

/// Our own container: a candidate from /proc or the host name, verified by its overlay directory or
/// by a nonce file that only we can have made (a container that shares our network has our host
/// name too). Absent: we run in no container of this engine.
std::optional<dockerapi::Container> find_self(dockerapi::Engine& engine, const OwnProcess& process);

}  // namespace compose
