// What a capture would do, decided before anything is done.  A plan is a value: `cofferdam plan`
// prints it, `create` executes it as it stands.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "compose/stack.h"
#include "controller/database/detection.h"
#include "controller/plan/planned_hook.h"
#include "controller/plan/policy.h"

namespace controller {

struct PlannedVolume {
  std::string key;
  compose::StackVolume::Kind kind = compose::StackVolume::Kind::Named;
  std::string name;  // resolved on the host; a bind mount's path
  Mode mode = Mode::Stop;
  std::vector<std::string> exclude;
  std::vector<std::string> producers;  // services of the project that write it
  std::vector<std::string> readers;
  std::vector<std::string> foreign_producers;  // "project/service" or container names
  std::string artifact;                        // "volumes/redis.tar.zst"
  std::string reason;  // where it was flagged: "label of volume shop_redis", "config file, line 3"
  // Writers that cannot be stopped and are paused instead: the copy is less than `mode` asked for,
  // so the run is degraded.
  std::vector<std::string> only_paused = {};
  bool holds_cluster = false;  // of PostgreSQL, as the plan knows and has said

  friend bool operator==(const PlannedVolume&, const PlannedVolume&) = default;
};

struct PlannedDatabase {
  std::string service;
  dockerapi::ContainerId container;
  std::string volume;  // key of the volume that holds its files; empty: none does
  DatabaseDetection detection;
  std::vector<std::string> databases;  // empty: all of the server
  std::string reason;

  friend bool operator==(const PlannedDatabase&, const PlannedDatabase&) = default;
};

/// One container that goes down (or is paused) and comes back.
struct PlannedStop {
  enum class Action { Stop, Pause };

  dockerapi::ContainerId container;
  std::string name;
  std::string project;  // may be another one, or none
  std::string service;
  int number = 0;  // of the replica
  Action action = Action::Stop;
  std::size_t level = 0;  // start order: lower levels start first and stop last
  dockerapi::ContainerState state = dockerapi::ContainerState::Running;  // before
  dockerapi::RestartPolicy restart_policy;
  std::string started_at;
  bool await_healthy = false;  // a dependent of it waits for service_healthy
  std::string reason;

  friend bool operator==(const PlannedStop&, const PlannedStop&) = default;
};

/// Something that nothing protects.
struct Unprotected {
  std::string what;    // "volume nominatim (openmapx_nominatim)", "bind /srv/conf of web"
  std::string reason;  // "not flagged", "tmpfs", "held by another host (nfs)"

  friend bool operator==(const Unprotected&, const Unprotected&) = default;
};

/// How long the last successful run took; absent: there was none.
struct LastRun {
  std::string snapshot;
  double duration_seconds = 0;
  std::map<std::string, double> downtime_seconds;  // by service
  std::map<std::string, std::uint64_t> bytes;      // by volume key and "service/database"

  friend bool operator==(const LastRun&, const LastRun&) = default;
};

struct CapturePlan {
  std::string project;
  std::string platform_version;
  std::string working_directory;
  std::vector<std::string> config_files;
  std::vector<PlannedVolume> volumes;
  std::vector<PlannedDatabase> databases;
  std::vector<PlannedStop> stops;  // in the order they stop; they start in the reverse order
  std::vector<PlannedHook> hooks;  // pre-backup, post-backup, on-failure; each in its order
  std::vector<Unprotected> unprotected;
  std::vector<std::string> warnings;  // broken cycles, auto-remove containers, foreign writers, …
  std::optional<LastRun> last;

  friend bool operator==(const CapturePlan&, const CapturePlan&) = default;
};

struct PlanRequest {
  // Only what these produce, and only their hooks (on-failure apart); empty: everything flagged.
  std::vector<std::string> services;
  std::string compression_extension = ".zst";           // of artifacts
  std::map<std::string, DatabaseDetection> detections;  // by service; see detect_databases()
  std::optional<LastRun> last;
  std::set<std::string> clusters;     // keys of volumes that were seen to hold a cluster
  std::vector<std::string> problems;  // of the detection: become warnings
};

/// The request cannot be carried out safely: an unknown service (std::invalid_argument is for
/// that), a container that cannot be stopped, a Swarm task.
class PlanRefusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Decides.  Throws PolicyError, PlanRefusal, std::invalid_argument for an unknown service (lists
/// those there are).
CapturePlan plan_capture(const compose::Stack& stack, const Policy& policy,
                         const PlanRequest& request);

/// Why a volume with a PostgreSQL cluster is copied in no mode but stop.
std::string live_cluster_text(const std::string& key);

/// For people, without colour; ends with a newline.
std::string to_text(const CapturePlan& plan);
std::string to_json(const CapturePlan& plan);

}  // namespace controller
