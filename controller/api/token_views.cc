#include "controller/api/token_views.h"

#include <nlohmann/json.hpp>

#include "controller/clock.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json json_of(const ApiToken& token) {
  auto scopes = Json::array();
  for (const auto scope : token.scopes) {
    scopes.push_back(to_string(scope));
  }
  return {{"id", token.id},
          {"name", token.name},
          {"scopes", scopes},
          {"created_at", rfc3339(token.created_at)},
          {"used_at", token.used_at ? Json(rfc3339(*token.used_at)) : Json()}};
}

}  // namespace

std::string tokens_json(const std::vector<ApiToken>& tokens) {
  auto list = Json::array();
  for (const auto& token : tokens) {
    list.push_back(json_of(token));
  }
  return dumped(list);
}

std::string made_token_json(const Tokens::Made& made) {
  auto json = json_of(made.token);
  json["token"] = made.text.reveal();  // the one time that it is shown
  return dumped(json);
}

std::string users_json(const std::vector<AccessUser>& users) {
  auto list = Json::array();
  for (const auto& user : users) {
    list.push_back({{"name", user.name}, {"changed_at", rfc3339(user.changed_at)}});
  }
  return dumped(list);
}

std::string audit_json(const AuditTrail& trail) {
  auto entries = Json::array();
  for (const auto& one : trail.entries) {
    entries.push_back({{"at", one.at},
                       {"who", one.who},
                       {"source", one.source},
                       {"action", one.action},
                       {"object", one.object},
                       {"result", one.result}});
  }
  return dumped({{"entries", entries},
                 {"last_digest", trail.last_digest},
                 {"problem", trail.problem.empty() ? Json() : Json(trail.problem)}});
}

}  // namespace controller
