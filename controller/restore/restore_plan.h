// What a restore would do, decided before anything is done.
#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "compose/stack.h"
#include "controller/agent/protocol.h"
#include "controller/plan/capture_plan.h"
#include "controller/snapshot/manifest.h"

namespace controller {

/// A safety rule stands against the restore; nothing was touched.
class RestoreRefusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct PlannedVolumeRestore {
  VolumeRecord record;
  std::string target;          // volume name on this host; of a bind mount its path
  bool create = false;         // it does not exist yet
  dockerapi::VolumeSpec spec;  // to create it with
  SwapMethod method = SwapMethod::Exchange;
  std::string mountpoint;  // Exchange: the live directory on the host; known after creation
  std::string reason;      // how the target was chosen
};

struct PlannedDatabaseRestore {
  DatabaseRecord record;
  ServerRecord server;
  dockerapi::ContainerId container;  // the running server
};

struct RestorePlan {
  std::string project;
  std::string snapshot;
  std::vector<PlannedVolumeRestore> volumes;
  std::vector<PlannedDatabaseRestore> databases;
  std::vector<PlannedStop> stops;
  std::vector<std::string> warnings;
};

struct RestoreRequest {
  std::vector<std::string> services;           // empty: everything in the snapshot
  std::map<std::string, std::string> volumes;  // --map: Compose key -> name on this host
  bool stop_running = false;
};

/// Decides where everything goes: the service and Compose key of this project first, the recorded
/// name second, the request's map before both.  Throws RestoreRefusal (running producers without
/// stop_running, a database whose service does not run, ourselves among the users),
/// std::invalid_argument for a service or map key that the snapshot does not have.
RestorePlan plan_restore(const compose::Observation& seen, const compose::Stack& stack,
                         const Manifest& manifest, const RestoreRequest& request);

/// For people; ends with a newline.
std::string to_text(const RestorePlan& plan);

}  // namespace controller
