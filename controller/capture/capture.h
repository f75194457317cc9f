// One capture: a plan becomes a snapshot.
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>

#include "compose/stack.h"
#include "controller/capture/setting.h"
#include "controller/plan/capture_plan.h"
#include "controller/snapshot/manifest.h"

namespace controller {

/// What was copied is worth nothing: somebody wrote while everybody was meant to be down.
class Disturbed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct CaptureRequest {
  std::string name;  // of the snapshot
  Compression compression;
  DumpFormat dump_format = DumpFormat::Custom;
  std::optional<std::chrono::seconds> stop_timeout;
};

/// Executes `plan` as it stands.  Volumes and databases of the snapshot show the same instant:
/// producers go down, the databases' snapshots are exported, the volumes are copied, producers come
/// back; the databases are dumped after that, from the snapshots they exported.
///
/// On a throw no snapshot exists, and every container that was stopped has been asked to start
/// again.  A snapshot whose containers did not all come back is kept, and is degraded.
Manifest capture(Setting& setting, const compose::Stack& stack, const CapturePlan& plan,
                 const CaptureRequest& request, std::stop_token stop);

}  // namespace controller
