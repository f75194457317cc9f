// What a restore would do, decided before anything is done.  A plan is a value: `restore --dry-run`
// prints it with its hash, and `restore --plan HASH` executes it as it stands, or not at all.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "compose/stack.h"
#include "controller/agent/protocol.h"
#include "controller/outage/rollback_point.h"
#include "controller/plan/capture_plan.h"
#include "controller/plan/planned_hook.h"
#include "controller/snapshot/manifest.h"

namespace controller {

/// A safety rule stands against the restore; nothing was touched.
class RestoreRefusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Where what takes the live one's place comes from.
struct Origin {
  bool snapshot = true;  // staged from the snapshot's files
  // Else: kept by this earlier job; empty: nothing takes its place, since there was nothing before.
  std::string keeper = {};

  friend bool operator==(const Origin&, const Origin&) = default;
};

struct PlannedVolumeRestore {
  VolumeRecord record;
  std::string target;          // volume name on this host; of a bind mount its path
  bool create = false;         // it does not exist yet
  dockerapi::VolumeSpec spec;  // to create it with
  SwapMethod method = SwapMethod::Exchange;
  std::string mountpoint;  // Exchange: the live directory on the host; known after creation
  std::string reason;      // how the target was chosen
  bool ours = true;        // the project's own, or made for it: it may hold something already
  Origin origin = {};
  std::string kept_archive = {};  // InPlace, of an earlier job: the archive, below the store
};

struct PlannedDatabaseRestore {
  DatabaseRecord record;  // its name is the one it gets
  ServerRecord server;
  dockerapi::ContainerId container;  // the running server
  Origin origin = {};
  std::string table = {};  // "schema.table": only its rows, into the live database
};

struct RestorePlan {
  std::string kind = "restore";  // "restore", "undo"
  std::string project;
  std::string snapshot;    // undo: the one whose restore is undone
  std::string taken_at;    // of the snapshot; undo: when the point was made
  std::string point = {};  // undo: the rollback point
  std::string snapshot_version = {};
  std::string running_version = {};
  std::vector<PlannedVolumeRestore> volumes = {};
  std::vector<PlannedDatabaseRestore> databases = {};
  std::vector<PlannedStop> stops = {};
  std::vector<PlannedHook> hooks = {};
  std::vector<std::string> untouched = {};  // what the project has and the snapshot does not
  std::vector<std::string> warnings = {};
};

/// Which part of the snapshot, and where to.  Empty lists mean everything.
struct RestoreRequest {
  std::vector<std::string> services;
  std::map<std::string, std::string> volumes;  // --map: Compose key -> name on this host
  bool stop_running = false;
  std::vector<std::string> only_volumes = {};    // Compose keys
  std::vector<std::string> only_databases = {};  // "app" or "db/app"
  bool with_volumes = true;
  bool with_databases = true;
  std::string copy_suffix = {};  // into new volumes and databases of that ending, beside the live
  bool ignore_version = false;
  std::string table = {};  // "schema.table": only its rows, into the live database
};

/// What the plan is weighed against and the snapshot does not know.
struct Circumstances {
  std::string platform_version;                // of the running stack; empty: unknown
  std::string architecture;                    // of the engine's host
  std::set<std::string> database_services;     // recognised as database servers
  std::vector<std::string> later_snapshots{};  // of the project, newer than this one
  Policy policy{};                             // for its hooks
};

/// Decides where everything goes: the service and Compose key of this project first, the recorded
/// name second, the request's map before both.  Throws RestoreRefusal (running producers without
/// stop_running, a database whose service does not run, ourselves among the users, another major
/// version of the platform, files of a database from another architecture), std::invalid_argument
/// for a service, volume, database or table that the snapshot does not have, or a table that
/// several of its databases have.
RestorePlan plan_restore(const compose::Observation& seen, const compose::Stack& stack,
                         const Manifest& manifest, const RestoreRequest& request,
                         const Circumstances& circumstances);

/// The way back to a rollback point.  Throws RestoreRefusal as above, and if something of it is
/// gone.
RestorePlan plan_undo(const compose::Observation& seen, const compose::Stack& stack,
                      const RollbackPoint& point, const Policy& policy);

/// For people; ends with a newline.
std::string to_text(const RestorePlan& plan);

/// One document, with the hash.
std::string to_json(const RestorePlan& plan);

/// Of everything that the plan would do: 16 hex digits.
std::string plan_hash(const RestorePlan& plan);

}  // namespace controller
