#include "controller/hooks/hook_step.h"

#include <nlohmann/json.hpp>

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

HookMoment moment_from(const std::string& text) {
  for (const auto moment : kHookMoments) {
    if (text == to_string(moment)) {
      return moment;
    }
  }
  throw JournalError("the journal says \"" + text + "\" where a hook's moment belongs");
}

}  // namespace

// Never change the meaning of a field: an older program's journal is replayed by a newer one.
Step step_of(const PlannedHook& hook) {
  const Json json = {{"moment", to_string(hook.moment)},
                     {"project", hook.project},
                     {"command", hook.command},
                     {"shown", hook.shown},
                     {"sql", hook.sql},
                     {"databases", hook.databases},
                     {"timeout_ms", hook.timeout.count()},
                     {"user", hook.user},
                     {"on_error", to_string(hook.on_error)},
                     {"reason", hook.reason}};
  Step step;
  step.kind = Step::Kind::Hook;
  step.subject = hook.service;
  step.detail = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return step;
}

PlannedHook hook_of(const Step& step) {
  PlannedHook hook;
  try {
    const auto json = Json::parse(step.detail);
    hook.moment = moment_from(json.at("moment").get<std::string>());
    hook.project = json.at("project").get<std::string>();
    hook.service = step.subject;
    hook.command = json.at("command").get<std::vector<std::string>>();
    hook.shown = json.at("shown").get<std::vector<std::string>>();
    hook.sql = json.at("sql").get<std::string>();
    hook.databases = json.at("databases").get<std::vector<std::string>>();
    hook.timeout = std::chrono::milliseconds(json.at("timeout_ms").get<std::int64_t>());
    hook.user = json.at("user").get<std::string>();
    hook.on_error = json.at("on_error").get<std::string>() == to_string(OnError::Continue)
                        ? OnError::Continue
                        : OnError::Fail;
    hook.reason = json.at("reason").get<std::string>();
  } catch (const Json::exception& error) {
    throw JournalError("the journal holds a hook that cannot be read: " +
                       std::string(error.what()));
  }
  return hook;
}

}  // namespace controller
