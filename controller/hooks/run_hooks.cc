#include "controller/hooks/run_hooks.h"

#include <algorithm>

#include "controller/archive/volume_archive.h"
#include "controller/hooks/deadline.h"
#include "controller/hooks/hook_output.h"
#include "controller/hooks/hook_process.h"
#include "controller/plan/secrets.h"

namespace controller {

namespace {

using dockerapi::Container;
using dockerapi::ContainerState;

bool is_one_off(const Container& container) {
  const auto label = container.labels.find("com.docker.compose.oneoff");
  return label != container.labels.end() && label->second == "True";
}

std::string state_text(const Container& container) {
  switch (container.state) {
    case ContainerState::Paused:
      return container.name + " is paused";
    case ContainerState::Restarting:
      return container.name + " keeps restarting";
    default:
      return container.name + " is not running";
  }
}

/// The oldest of the service's containers that runs.  They are looked up anew: Compose may have
/// replaced those that were planned.
Container container_for(dockerapi::Engine& engine, const PlannedHook& hook) {
  std::string others;
  for (auto& container : engine.containers({{{"com.docker.compose.project", hook.project},
                                             {"com.docker.compose.service", hook.service}},
                                            ""})) {
    if (is_one_off(container)) {
      continue;
    }
    if (container.state == ContainerState::Running) {
      return container;
    }
    others += (others.empty() ? "" : ", ") + state_text(container);
  }
  throw dockerapi::Error("the service has no running container" +
                         (others.empty() ? "" : ": " + others));
}

std::vector<std::string> environment_of(const PlannedHook& hook, const HookFacts& facts) {
  constexpr std::size_t kLongestReason = 4000;
  std::vector<std::string> environment = {"COFFERDAM_HOOK=" + std::string(to_string(hook.moment)),
                                          "COFFERDAM_JOB=" + facts.job,
                                          "COFFERDAM_SNAPSHOT=" + facts.snapshot};
  if (!facts.status.empty()) {
    environment.push_back("COFFERDAM_STATUS=" + facts.status);
  }
  if (!facts.reason.empty()) {
    environment.push_back("COFFERDAM_REASON=" + facts.reason.substr(0, kLongestReason));
  }
  return environment;
}

/// Returns what went wrong.
std::string run_command(const HookTools& tools, const PlannedHook& hook, const HookFacts& facts,
                        const std::stop_token& stop) {
  const auto container = container_for(tools.engine, hook);
  HookOutput output(tools.reporter, hook.service, secrets_of(container));
  return run_hook_process(
      tools.engine, container.id,
      {hook.command, environment_of(hook, facts), hook.user, hook.timeout, tools.grace}, output,
      stop);
}

std::string run_sql(const HookTools& tools, const PlannedHook& hook, const std::stop_token& stop) {
  const auto container = container_for(tools.engine, hook);
  HookOutput output(tools.reporter, hook.service, secrets_of(container));
  const auto session = tools.databases.connect({container, hook.service, {"postgres", {}, ""}});
  std::stop_source ended;
  Deadline deadline(hook.timeout, stop, [&](Deadline&) { ended.request_stop(); });
  try {
    for (const auto& database : hook.databases) {
      session->run_sql(
          database, hook.sql,
          [&](std::string_view bytes) { output.add(dockerapi::Channel::Stdout, bytes); },
          ended.get_token());
    }
  } catch (const dockerapi::Cancelled&) {
    if (deadline.end() == Deadline::Verdict::TimedOut) {
      return overdue_text(hook.timeout) + " and was ended";
    }
    throw Interrupted("cancelled");
  }
  return {};
}

/// What a hook throws is how it ended: the next one runs all the same, or the caller decides.
HookOutcome run_one(const HookTools& tools, const PlannedHook& hook, const HookFacts& facts,
                    const std::stop_token& stop) {
  using End = HookOutcome::End;
  tools.reporter.phase("running the " + title_of(hook));
  try {
    const auto problem =
        hook.command.empty() ? run_sql(tools, hook, stop) : run_command(tools, hook, facts, stop);
    return {hook, problem.empty() ? End::Done : End::Failed, problem};
  } catch (const Interrupted&) {
    throw;
  } catch (const dockerapi::Unreachable& error) {
    return {hook, End::EngineAway, error.what()};
  } catch (const dockerapi::NotFound& error) {
    return {hook, End::Failed, std::string("its container vanished: ") + error.what()};
  } catch (const std::exception& error) {
    return {hook, End::Failed, error.what()};
  }
}

}  // namespace

bool counts(const HookOutcome& outcome) {
  return outcome.end != HookOutcome::End::Done && outcome.hook.on_error == OnError::Fail &&
         outcome.hook.moment != HookMoment::OnFailure;
}

std::string to_text(const HookOutcome& outcome) {
  const auto subject = "the " + title_of(outcome.hook);
  switch (outcome.end) {
    case HookOutcome::End::Done:
      return subject + " was run";
    case HookOutcome::End::Failed:
      return subject + " failed: " + outcome.problem;
    case HookOutcome::End::EngineAway:
      break;
  }
  return subject + " has not come to its end: " + outcome.problem;
}

std::vector<HookOutcome> run_hooks(const HookTools& tools, const std::vector<PlannedHook>& hooks,
                                   const HookFacts& facts, const std::stop_token& stop) {
  std::vector<HookOutcome> outcomes;
  for (const auto& hook : hooks) {
    if (stop.stop_requested()) {
      throw Interrupted("cancelled");
    }
    outcomes.push_back(run_one(tools, hook, facts, stop));
    const auto& outcome = outcomes.back();
    if (counts(outcome) && comes_before(hook.moment)) {
      break;
    }
    if (outcome.end != HookOutcome::End::Done) {
      tools.reporter.warning(to_text(outcome));
    }
  }
  return outcomes;
}

}  // namespace controller
