#include "controller/api/session_routes.h"

#include <nlohmann/json.hpp>

#include "controller/access/sessions.h"
#include "controller/access/users.h"
#include "controller/api/api_gate.h"
#include "controller/api/http_status.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

std::chrono::sys_seconds now(const Clock& clock) {
  return std::chrono::floor<std::chrono::seconds>(clock.now());
}

std::string user_of(const Identity& who) {
  const std::string prefix = "user ";
  return who.name.starts_with(prefix) ? who.name.substr(prefix.size()) : std::string();
}

std::string cookie_line(const GuardRules& rules, const std::string& text) {
  const auto name = session_cookie_name(rules);
  return name + "=" + text + "; Path=/; HttpOnly; SameSite=Strict" +
         (name.starts_with("__Host-") ? "; Secure" : "") + (text.empty() ? "; Max-Age=0" : "");
}

Json json_of(const Identity& who) {
  auto scopes = Json::array();
  for (const auto scope : who.scopes) {
    scopes.push_back(to_string(scope));
  }
  return {{"who", who.name}, {"scopes", scopes}};
}

ApiAnswer answer_with(const Json& json) {
  ApiAnswer answer;
  answer.body = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  return answer;
}

ApiAnswer log_in(const AccessDesk& desk, const ApiCall& call) {
  const auto user = call.body.text("user");
  const auto& source = call.request.source;
  const auto wait = desk.throttle.begin(user, source, desk.clock.steady());
  if (wait > std::chrono::seconds{0}) {
    throw ApiProblem(http_status::kTooMany, "too-many-attempts",
                     "too many attempts; try again in " + std::to_string(wait.count()) + " s",
                     {{"Retry-After", std::to_string(wait.count())}});
  }
  if (!Users(desk.file).knows(user, Secret(call.body.text("password")))) {
    throw ApiProblem(http_status::kUnauthorized, "wrong-password", "user and password do not fit");
  }
  desk.throttle.succeeded(user, source);
  const auto text = Sessions(desk.file).begin(user, source, now(desk.clock));
  auto answer = answer_with(json_of({"user " + user, {Scope::Admin}, {}, {}}));
  answer.headers.emplace_back("Set-Cookie", cookie_line(desk.rules, text.reveal()));
  return answer;
}

ApiAnswer log_out(const AccessDesk& desk, const ApiCall& call) {
  Sessions(desk.file).end(call.who.session, user_of(call.who));
  ApiAnswer answer;
  answer.status = http_status::kNoContent;
  answer.headers.emplace_back("Set-Cookie", cookie_line(desk.rules, {}));
  return answer;
}

ApiAnswer list_sessions(const AccessDesk& desk, const ApiCall& call) {
  auto list = Json::array();
  for (const auto& one : Sessions(desk.file).all(now(desk.clock))) {
    list.push_back({{"id", one.id},
                    {"user", one.user},
                    {"source", one.source},
                    {"created_at", rfc3339(one.created_at)},
                    {"used_at", rfc3339(one.used_at)},
                    {"own", one.id == call.who.session}});
  }
  return answer_with(list);
}

ApiAnswer end_session(const AccessDesk& desk, const ApiCall& call) {
  Sessions sessions(desk.file);
  for (const auto& one : sessions.all(now(desk.clock))) {
    if (one.id == call.parameter("id") && sessions.end(one.id, one.user)) {
      ApiAnswer answer;
      answer.status = http_status::kNoContent;
      return answer;
    }
  }
  throw ApiProblem(http_status::kNotFound, "not-found",
                   "there is no session " + call.parameter("id"));
}

}  // namespace

std::vector<Route> session_routes(const AccessDesk& desk) {
  return {{"POST",
           "/api/v1/login",
           std::nullopt,
           "logIn",
           "Log in; the answer sets the session's cookie",
           {},
           {{"user", FieldKind::Text, true, "the user's name"},
            {"password", FieldKind::Text, true, "the user's password"}},
           200,
           "Identity",
           "login",
           [desk](const ApiCall& call) { return log_in(desk, call); }},
          {"POST",
           "/api/v1/logout",
           Scope::Read,
           "logOut",
           "End the own session",
           {},
           {},
           http_status::kNoContent,
           "",
           "logout",
           [desk](const ApiCall& call) { return log_out(desk, call); }},
          {"GET",
           "/api/v1/me",
           Scope::Read,
           "whoAmI",
           "Who asks, and what they may do",
           {},
           {},
           200,
           "Identity",
           "",
           [](const ApiCall& call) { return answer_with(json_of(call.who)); }},
          {"GET",
           "/api/v1/sessions",
           Scope::Admin,
           "listSessions",
           "Who is logged in",
           {},
           {},
           200,
           "Sessions",
           "",
           [desk](const ApiCall& call) { return list_sessions(desk, call); }},
          {"DELETE",
           "/api/v1/sessions/{id}",
           Scope::Admin,
           "endSession",
           "End a session",
           {},
           {},
           http_status::kNoContent,
           "",
           "session end",
           [desk](const ApiCall& call) { return end_session(desk, call); }}};
}

}  // namespace controller
