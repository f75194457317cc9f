#include "controller/hooks/job_hooks.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "controller/hooks/hook_step.h"

namespace controller {

JobHooks::JobHooks(HookTools tools, Journal& journal, HookFacts facts,
                   std::vector<PlannedHook> hooks)
    : tools_(tools), journal_(journal), facts_(std::move(facts)) {
  for (auto& hook : hooks) {
    if (comes_before(hook.moment)) {
      before_.push_back(std::move(hook));
    } else {
      const auto step = journal_.intend(facts_.job, step_of(hook));
      pending_.push_back({std::move(hook), step});
    }
  }
}

void JobHooks::before(const std::stop_token& stop) {
  begun_ = true;
  const auto outcomes = run_hooks(tools_, before_, facts_, stop);
  if (!outcomes.empty() && counts(outcomes.back())) {
    throw HookFailed(to_text(outcomes.back()));
  }
}

/// Those of the pending ones; what becomes of them is the caller's business.
template <typename Condition>
std::vector<JobHooks::Pending> JobHooks::take(Condition condition) {
  std::vector<Pending> taken;
  std::ranges::copy_if(pending_, std::back_inserter(taken), condition);
  std::erase_if(pending_, condition);
  return taken;
}

void JobHooks::settle(const std::vector<Pending>& due) {
  for (const auto& one : due) {
    journal_.settle(one.step);
  }
}

std::vector<std::string> JobHooks::run(const std::vector<Pending>& due) {
  std::vector<std::string> failures;
  for (const auto& one : due) {
    const auto outcomes = run_hooks(tools_, {one.hook}, facts_, {});
    const auto& outcome = outcomes.front();
    if (outcome.end != HookOutcome::End::EngineAway) {
      journal_.settle(one.step);
    }
    if (counts(outcome)) {
      failures.push_back(to_text(outcome));
    }
  }
  return failures;
}

std::vector<std::string> JobHooks::after(Status status, const std::string& reason) {
  facts_.status = to_string(status);
  facts_.reason = reason;
  return run(take([](const Pending& one) { return one.hook.moment != HookMoment::OnFailure; }));
}

void JobHooks::wind_up(Status status, const std::string& reason) {
  facts_.status = to_string(status);
  facts_.reason = reason;
  settle(take([](const Pending& one) { return one.hook.command.empty(); }));
  run(take([](const Pending& one) { return one.hook.moment != HookMoment::OnFailure; }));
}

void JobHooks::after_failure(Status status, const std::string& reason) noexcept {
  try {
    wind_up(status, reason);
    run(take([](const Pending&) { return true; }));
  } catch (const std::exception& error) {
    // Clean-up that must go on; what is still in the journal is run by the next start.
    tools_.reporter.warning(std::string("hooks were not run to their end: ") + error.what());
  }
}

void JobHooks::before_another_attempt(const std::string& reason) noexcept {
  try {
    if (begun_) {
      wind_up(Status::Failed, reason);
    }
    succeeded();
  } catch (const std::exception& error) {
    tools_.reporter.warning(std::string("hooks were not run to their end: ") + error.what());
  }
}

void JobHooks::succeeded() {
  settle(take([](const Pending&) { return true; }));
}

}  // namespace controller
