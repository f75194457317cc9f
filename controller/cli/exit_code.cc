#include "controller/cli/exit_code.h"

#include "controller/archive/volume_archive.h"
#include "controller/cli/settings.h"
#include "controller/database/database_driver.h"
#include "controller/drill/drill_plan.h"
#include "controller/outage/journal.h"
#include "controller/plan/capture_plan.h"
#include "controller/plan/policy.h"
#include "controller/remote/object_store.h"
#include "controller/restore/restore_plan.h"
#include "controller/snapshot/snapshot_store.h"
#include "dockerapi/error.h"

namespace controller {

namespace {

template <typename... Kinds>
bool is_any(const std::exception& error) {
  return ((dynamic_cast<const Kinds*>(&error) != nullptr) || ...);
}

}  // namespace

ExitCode exit_code_of(const std::exception& error) {
  if (is_any<Interrupted, dockerapi::Cancelled>(error)) {
    return ExitCode::Cancelled;
  }
  if (is_any<UsageError, SettingError, PolicyError, dockerapi::InvalidEndpoint,
             std::invalid_argument>(error)) {
    return ExitCode::Usage;
  }
  if (is_any<Refusal, PlanRefusal, RestoreRefusal, DrillRefusal, DatabaseRefusal, SnapshotExists>(
          error)) {
    return ExitCode::Refused;
  }
  if (is_any<NoSuchSnapshot>(error)) {
    return ExitCode::NotFound;
  }
  if (is_any<StoreLocked>(error)) {
    return ExitCode::Locked;
  }
  if (is_any<IntegrityError, FormatError>(error)) {
    return ExitCode::Integrity;
  }
  if (is_any<NoSpace, JournalFull>(error)) {
    return ExitCode::NoSpace;
  }
  if (is_any<dockerapi::Unreachable>(error)) {
    return ExitCode::EngineUnreachable;
  }
  if (is_any<DestinationUnreachable>(error)) {
    return ExitCode::DestinationUnreachable;
  }
  return ExitCode::Failed;
}

}  // namespace controller
