// The operator's commands around a backup or a restore, carried out.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/database/database_driver.h"
#include "controller/plan/planned_hook.h"
#include "controller/reporter.h"
#include "dockerapi/engine.h"

namespace controller {

/// What hooks are run with; all of it outlives them.
struct HookTools {
  dockerapi::Engine& engine;
  Reporter& reporter;
  DatabaseDriver& databases;              // for SQL
  std::chrono::milliseconds grace{5000};  // between asking an overdue hook to end and killing it
};

/// What hooks are told, as COFFERDAM_JOB, COFFERDAM_SNAPSHOT, COFFERDAM_STATUS and COFFERDAM_REASON
/// of their environment; the last two are left out where they are empty.
struct HookFacts {
  std::string job;
  std::string snapshot;
  std::string status;  // of the work so far: "success", "degraded", "failed", …
  std::string reason;  // why it is that
};

/// How one hook ended.
struct HookOutcome {
  enum class End {
    Done,
    Failed,
    EngineAway  // it may have run, or not
  };

  PlannedHook hook;
  End end = End::Done;
  std::string problem;  // "exit code 3"
};

/// Whether the failure counts; see OnError.  Those of on-failure never do.
bool counts(const HookOutcome& outcome);

/// "the pre-backup hook of app failed: exit code 3"
std::string to_text(const HookOutcome& outcome);

/// Runs them one after the other, each in the first running container of its service; `sql` in each
/// of the hook's databases.  What they print goes to the reporter, without secrets of their
/// container; failures too, as warnings.
///
/// A failure that counts ends it if the hook comes before the work: then its outcome is the last
/// one, and is left to the caller to report.  After the work all of them run.
///
/// Throws Interrupted after a stop request, when the hook that ran has been ended.
std::vector<HookOutcome> run_hooks(const HookTools& tools, const std::vector<PlannedHook>& hooks,
                                   const HookFacts& facts, const std::stop_token& stop);

}  // namespace controller
