#include "controller/restore/restore_hooks.h"

#include <array>

namespace controller {

namespace {

/// False if the hook has nothing to run in.
bool fill_databases(PlannedHook& hook, const RestorePlan& plan) {
  if (hook.sql.empty()) {
    return true;
  }
  for (const auto& database : plan.databases) {
    const bool arrives = database.origin.snapshot || !database.origin.keeper.empty();
    if (database.record.service == hook.service && arrives) {
      hook.databases.push_back(database.record.name);
    }
  }
  return !hook.databases.empty();
}

}  // namespace

std::vector<PlannedHook> restore_hooks(const compose::Stack& stack, const Policy& policy,
                                       const RestorePlan& plan) {
  constexpr std::array kMoments = {HookMoment::PreRestore, HookMoment::PostRestore,
                                   HookMoment::OnFailure};
  std::vector<PlannedHook> hooks;
  for (const auto moment : kMoments) {
    for (auto& hook : plan_hooks(stack, policy, moment)) {
      if (fill_databases(hook, plan)) {
        hooks.push_back(std::move(hook));
      }
    }
  }
  return hooks;
}

}  // namespace controller
