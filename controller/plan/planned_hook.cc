#include "controller/plan/planned_hook.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compose/start_order.h"
#include "controller/plan/secrets.h"
#include "controller/snapshot/shell_quote.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

const HookPolicy* policy_of(const Policy& policy, const std::string& service, HookMoment moment) {
  const auto said = policy.services.find(service);
  if (said == policy.services.end()) {
    return nullptr;
  }
  const auto hook = said->second.hooks.find(moment);
  return hook == said->second.hooks.end() ? nullptr : &hook->second;
}

/// Services that say something of the moment, in the order in which their turn comes.
std::vector<std::string> services_in_turn(const compose::Stack& stack, const Policy& policy,
                                          HookMoment moment) {
  std::set<std::string> services;
  for (const auto& service : stack.services) {
    if (policy_of(policy, service.name, moment) != nullptr) {
      services.insert(service.name);
    }
  }
  std::vector<std::string> turns;
  for (const auto& level : compose::start_order(stack, services).levels) {
    turns.insert(turns.end(), level.begin(), level.end());
  }
  if (comes_before(moment)) {
    std::reverse(turns.begin(), turns.end());
  }
  return turns;
}

std::string place_of(const HookPolicy& said, HookMoment moment, std::string_view option) {
  const auto found =
      said.places.find("hook." + std::string(to_string(moment)) + std::string(option));
  return found == said.places.end() ? std::string() : found->second;
}

PlannedHook without_command(const compose::Stack& stack, const compose::Service& service,
                            HookMoment moment, const HookPolicy& said) {
  PlannedHook hook;
  hook.moment = moment;
  hook.project = stack.project;
  hook.service = service.name;
  for (const auto& container : service.replicas) {
    hook.containers.push_back(container.id);
  }
  hook.timeout = said.timeout.value_or(kHookTimeout);
  hook.on_error = said.on_error.value_or(OnError::Fail);
  return hook;
}

std::vector<std::string> shown_command(const compose::Service& service,
                                       const std::vector<std::string>& command) {
  const auto secrets =
      service.replicas.empty() ? std::vector<std::string>() : secrets_of(service.replicas.back());
  std::vector<std::string> shown;
  for (const auto& word : command) {
    shown.push_back(masked(word, secrets));
  }
  return shown;
}

void add_hooks(const compose::Stack& stack, const compose::Service& service, HookMoment moment,
               const HookPolicy& said, std::vector<PlannedHook>& hooks) {
  if (!said.sql.empty()) {
    auto hook = without_command(stack, service, moment, said);
    hook.sql = said.sql;
    hook.reason = place_of(said, moment, ".sql");
    hooks.push_back(std::move(hook));
  }
  if (!said.command.empty()) {
    auto hook = without_command(stack, service, moment, said);
    hook.command = said.command;
    hook.shown = shown_command(service, said.command);
    hook.user = said.user;
    hook.reason = place_of(said, moment, "");
    hooks.push_back(std::move(hook));
  }
}

std::string limit_text(std::chrono::milliseconds timeout) {
  return "at most " + std::to_string(std::chrono::ceil<std::chrono::seconds>(timeout).count()) +
         " s";
}

/// What follows from its failure.
std::string consequence(const PlannedHook& hook) {
  if (hook.on_error == OnError::Continue || hook.moment == HookMoment::OnFailure) {
    return "a failure of it is a warning";
  }
  switch (hook.moment) {
    case HookMoment::PreBackup:
    case HookMoment::PreRestore:
      return "if it fails, nothing is done";
    case HookMoment::PostRestore:
      return "if it fails, so does the restore";
    default:
      return "if it fails, the run is degraded";
  }
}

}  // namespace

std::vector<PlannedHook> plan_hooks(const compose::Stack& stack, const Policy& policy,
                                    HookMoment moment) {
  std::vector<PlannedHook> hooks;
  for (const auto& name : services_in_turn(stack, policy, moment)) {
    if (const auto* service = compose::find_service(stack, name)) {
      add_hooks(stack, *service, moment, *policy_of(policy, name, moment), hooks);
    }
  }
  return hooks;
}

std::string title_of(const PlannedHook& hook) {
  return std::string(to_string(hook.moment)) + " hook of " + hook.service;
}

std::string command_text(const PlannedHook& hook) {
  constexpr std::size_t kMost = 200;
  if (hook.command.empty()) {
    return "SQL in its restored databases";
  }
  auto text = one_line(shell_command(hook.shown));
  if (text.size() > kMost) {
    text = one_line(text.substr(0, kMost)) + " […]";
  }
  return text;
}

std::string to_text(const PlannedHook& hook) {
  return "  " + std::string(to_string(hook.moment)) + " in " + hook.service +
         (hook.user.empty() ? "" : " as " + hook.user) + ": " + command_text(hook) +
         "\n    said by: " + hook.reason + "; " + limit_text(hook.timeout) + "; " +
         consequence(hook) + "\n";
}

std::string to_json(const PlannedHook& hook) {
  Json containers = Json::array();
  for (const auto& container : hook.containers) {
    containers.push_back(container.value);
  }
  const Json json = {{"moment", to_string(hook.moment)},
                     {"service", hook.service},
                     {"containers", std::move(containers)},
                     {"command", hook.shown},
                     {"is_sql", hook.command.empty()},
                     {"databases", hook.databases},
                     {"timeout_seconds", std::chrono::duration<double>(hook.timeout).count()},
                     {"user", hook.user},
                     {"on_error", to_string(hook.on_error)},
                     {"reason", hook.reason}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace controller
