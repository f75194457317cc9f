// Looking at an engine, and finding ourselves in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "compose/stack.h"
#include "dockerapi/engine.h"

namespace compose {

Observation observe(dockerapi::Engine& engine);

/// What tells in which container we run; injected for tests.
struct OwnProcess {
  std::string mount_table;  // /proc/self/mountinfo
  std::string cgroups;      // /proc/self/cgroup
  std::string hostname;
  std::string scratch = "/tmp";  // where a nonce file may be made
  std::int64_t started_at = 0;   // of process 1, seconds since 1970; 0: unknown
};
OwnProcess own_process();

/// Our own container: the candidates that /proc and the host name suggest, then every other live
/// one.  A candidate counts only once verified, since one that shares our network has our host name
/// and our /etc/hosts too: by its overlay directory, else by a nonce file that only we can have
/// made, else (read-only root) by its mounts and its start.  Absent: we run in no container of this
/// engine.  Throws dockerapi::Error.
std::optional<dockerapi::Container> find_self(dockerapi::Engine& engine, const OwnProcess& process);

}  // namespace compose
