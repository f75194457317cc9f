// A command that will run in a service's container before or after the work.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "compose/stack.h"
#include "controller/plan/policy.h"

namespace controller {

struct PlannedHook {
  HookMoment moment = HookMoment::PreBackup;
  std::string project;
  std::string service;
  // Of the service, oldest first: it runs in the first of them that runs.
  std::vector<dockerapi::ContainerId> containers;
  std::vector<std::string> command;  // argv; empty: `sql` runs instead
  std::vector<std::string> shown;    // the command without secrets, for people
  std::string sql;
  std::vector<std::string> databases;  // where `sql` runs; a restore's plan fills it in
  std::chrono::milliseconds timeout = kHookTimeout;
  std::string user;  // empty: the container's
  OnError on_error = OnError::Fail;
  std::string reason;  // where it was said

  friend bool operator==(const PlannedHook&, const PlannedHook&) = default;
};

/// The hooks of that moment, in the order in which they run: dependents first before the work, what
/// they depend on first after it.  SQL of a service comes before its command.
std::vector<PlannedHook> plan_hooks(const compose::Stack& stack, const Policy& policy,
                                    HookMoment moment);

/// "pre-backup hook of app"
std::string title_of(const PlannedHook& hook);

/// What it runs, on one line and without secrets.
std::string command_text(const PlannedHook& hook);

/// Two indented lines for a plan.
std::string to_text(const PlannedHook& hook);

/// One JSON object, without secrets; docs/plan.md.
std::string to_json(const PlannedHook& hook);

}  // namespace controller
