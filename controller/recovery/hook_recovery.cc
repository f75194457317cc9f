#include "controller/recovery/hook_recovery.h"

#include "controller/hooks/hook_step.h"
#include "controller/hooks/run_hooks.h"

namespace controller {

namespace {

constexpr const char* kReason = "the process that worked on it died";

/// Success or degraded if the job's effect stands.
Status status_of(Setting& setting, const JobRecord& job) {
  if (job.past_commit) {
    return Status::Success;
  }
  if (job.kind != "create") {
    return Status::Interrupted;
  }
  try {
    return setting.store.manifest(job.snapshot).status;
  } catch (const NoSuchSnapshot&) {
    return Status::Interrupted;
  } catch (const FormatError&) {
    return Status::Interrupted;
  }
}

bool is_wanted(const PlannedHook& hook, bool stands) {
  // SQL is for what was restored.
  return hook.moment == HookMoment::OnFailure ? !stands : stands || !hook.command.empty();
}

}  // namespace

bool run_due_hooks(Setting& setting, const JobRecord& job, ReplayReport& report) {
  bool complete = true;
  for (const auto& step : setting.journal.open_steps(job.id)) {
    if (step.kind != Step::Kind::Hook) {
      continue;
    }
    const auto hook = hook_of(step);
    const auto status = status_of(setting, job);
    const bool stands = status != Status::Interrupted;
    if (is_wanted(hook, stands)) {
      const HookFacts facts{job.id, job.snapshot, std::string(to_string(status)),
                            stands ? "" : kReason};
      const auto outcomes =
          run_hooks({setting.engine, setting.reporter, setting.databases}, {hook}, facts, {});
      if (outcomes.front().end == HookOutcome::End::EngineAway) {
        report.problems.push_back(to_text(outcomes.front()));
        complete = false;
        continue;
      }
      report.actions.push_back(to_text(outcomes.front()));
    }
    setting.journal.settle(step.id);
  }
  return complete;
}

}  // namespace controller
