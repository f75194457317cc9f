// Containers as the engine describes them, and as it is asked to make them.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dockerapi {

using Labels = std::map<std::string, std::string>;

/// The full 64-digit id (a name or a short id also works in calls, never comes back from one).
struct ContainerId {
  std::string value;
  friend auto operator<=>(const ContainerId&, const ContainerId&) = default;
};

enum class ContainerState { Created, Running, Paused, Restarting, Removing, Exited, Dead };

/// None: the container has no health check.  Of a stopped container the engine keeps the last one.
enum class Health { None, Starting, Healthy, Unhealthy };

/// One file system the engine really mounted (or will mount) into a container.
struct Mount {
  enum class Kind { Volume, Bind, Tmpfs, Other };

  Kind kind = Kind::Other;
  std::string name;         // of the volume; empty for the other kinds
  std::string source;       // path on the host (of a volume: its mountpoint)
  std::string destination;  // path in the container
  std::string driver;       // of the volume
  bool writable = false;
  std::string engine_kind;  // the engine's own word, for kinds unknown to us ("image", "cluster")

  friend bool operator==(const Mount&, const Mount&) = default;
};

struct RestartPolicy {
  std::string name = "no";  // no, always, unless-stopped, on-failure
  int maximum_retries = 0;  // of on-failure

  friend bool operator==(const RestartPolicy&, const RestartPolicy&) = default;
};

struct HealthCheck {
  std::chrono::nanoseconds interval{0};  // 0: the engine's default
  std::chrono::nanoseconds timeout{0};
  std::chrono::nanoseconds start_period{0};
  int retries = 0;
  std::vector<std::string> test = {};  // "CMD" and argv, or "CMD-SHELL" and a line

  friend bool operator==(const HealthCheck&, const HealthCheck&) = default;
};

struct Ulimit {
  std::string name;  // "nofile"
  std::int64_t soft = 0;
  std::int64_t hard = 0;

  friend bool operator==(const Ulimit&, const Ulimit&) = default;
};

/// What a container's processes are given, beyond image, mounts and rights.
struct Allowance {
  std::string working_directory;    // empty: the image's
  std::vector<std::string> groups;  // further ones
  std::int64_t shm_bytes = 0;       // of /dev/shm; 0: the engine's default
  std::vector<Ulimit> ulimits;
  Labels sysctls;
  Labels tmpfs;       // destination -> mount options
  bool init = false;  // process 1 is the engine's own init
  bool tty = false;   // stdout and stderr are a terminal

  friend bool operator==(const Allowance&, const Allowance&) = default;
};

/// A container, as inspected.
struct Container {
  ContainerId id;
  std::string name;   // without the leading slash
  std::string image;  // as written when it was created: "postgis/postgis:16-3.4"
  std::string image_id;
  std::string created_at;  // RFC 3339, as the engine wrote it

  ContainerState state = ContainerState::Created;
  Health health = Health::None;
  int exit_code = 0;
  bool oom_killed = false;
  std::string state_error;  // why it did not start
  std::string started_at;   // RFC 3339, verbatim: compare for equality only
  std::string finished_at;
  int restart_count = 0;

  RestartPolicy restart_policy;
  bool auto_remove = false;
  std::string stop_signal;                           // empty: the image's, else SIGTERM
  std::optional<std::chrono::seconds> stop_timeout;  // absent: the engine's default, 10 s
  std::optional<HealthCheck> health_check;           // absent: none, or disabled

  Labels labels;
  std::vector<std::string> env;  // "NAME=value"
  std::vector<std::string> command;
  std::vector<std::string> entrypoint;
  std::string user;
  std::string hostname;

  std::vector<Mount> mounts;
  std::vector<std::string> tmpfs;             // destinations of HostConfig.Tmpfs
  std::vector<std::string> declared_volumes;  // destinations of the image's VOLUME lines
  std::string network_mode;                   // "container:<id>", "host", "none", a network's name
  std::string ipc_mode;
  std::string pid_mode;
  std::vector<std::string> volumes_from;                    // "<id or name>[:ro]"
  std::vector<std::string> networks;                        // names
  std::map<std::string, std::vector<std::string>> aliases;  // by network: further names in it
  std::vector<std::string> security_options;
  std::string userns_mode;
  std::string upper_directory;  // overlay2's upperdir on the host; empty with other storage

  Allowance allowance;
  std::vector<std::string> added_capabilities;    // without "CAP_"
  std::vector<std::string> dropped_capabilities;  // without "CAP_"
  std::vector<std::string> devices;               // paths on the host
  bool privileged = false;
  bool read_only_root = false;
  bool open_stdin = false;
  std::int64_t memory_bytes = 0;  // 0: no limit

  friend bool operator==(const Container&, const Container&) = default;
};

/// True while a process of the container exists: running, paused or restarting.
bool alive(const Container& container);

/// The value of `name` in a container's environment; absent if it is not set.
std::optional<std::string> env_value(const Container& container, const std::string& name);

/// A file system to mount into a new container.  A volume must exist: the engine would silently
/// create a missing one.
struct MountSpec {
  enum class Kind { Volume, Bind, Tmpfs };

  Kind kind = Kind::Volume;
  std::string source;  // volume name or host path
  std::string target;
  bool read_only = true;
  // Of a volume: an empty one is first filled with what the image has at `target`.
  bool filled_from_image = false;
};

/// A container to create.  Defaults are those of a plain `docker create`.
struct ContainerSpec {
  std::string name;
  std::string image;
  std::vector<std::string> entrypoint;  // empty: the image's
  std::vector<std::string> command;
  std::vector<std::string> env;
  std::string user;
  std::string hostname;
  Labels labels;
  std::vector<MountSpec> mounts;
  std::string network_mode;          // empty: the engine's default
  std::vector<std::string> aliases;  // further names in the network that network_mode names
  std::vector<std::string> dns;      // servers; empty: the engine's
  std::string pid_mode;
  std::string ipc_mode;
  bool read_only_root = false;
  bool open_stdin = false;     // stdin is a pipe that closes when the one client closes it
  bool discard_logs = false;   // log driver "none"; attached output is 20 times faster with it
  std::int64_t log_bytes = 0;  // kept at most, in plain files; 0: as the engine does by default
  bool no_health_check = false;
  std::optional<HealthCheck> health_check;  // absent: the image's
  std::vector<std::string> drop_capabilities;
  std::vector<std::string> add_capabilities;
  std::vector<std::string> security_options;
  std::string userns_mode;
  std::int64_t memory_bytes = 0;  // 0: no limit
  std::int64_t pids_limit = 0;    // 0: no limit
  int oom_score_adjustment = 0;
  RestartPolicy restart_policy;
  std::string stop_signal;  // empty: the image's
  std::optional<std::chrono::seconds> stop_timeout;
  Allowance allowance;
};

}  // namespace dockerapi
