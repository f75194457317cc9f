#include <nlohmann/json.hpp>

#include "controller/access/tokens.h"
#include "controller/api/http_status.h"
#include "controller/api/problem.h"
#include "controller/api/session_routes.h"
#include "controller/api/token_views.h"

namespace controller {

namespace {

ApiAnswer make_token(const AccessDesk& desk, const ApiCall& call) {
  std::string scopes;
  for (const auto& one : call.body.texts("scopes")) {
    scopes += (scopes.empty() ? "" : ",") + one;
  }
  try {
    const auto now = std::chrono::floor<std::chrono::seconds>(desk.clock.now());
    const auto made = Tokens(desk.file).make(call.body.text("name"), parse_scopes(scopes), now);
    ApiAnswer answer;
    answer.status = http_status::kCreated;
    answer.body = made_token_json(made);
    return answer;
  } catch (const std::invalid_argument& error) {
    throw ApiProblem(http_status::kBadRequest, "bad-request", error.what());
  }
}

ApiAnswer revoke_token(const AccessDesk& desk, const ApiCall& call) {
  if (!Tokens(desk.file).revoke(call.parameter("id"))) {
    throw ApiProblem(http_status::kNotFound, "not-found",
                     "there is no token " + call.parameter("id"));
  }
  ApiAnswer answer;
  answer.status = http_status::kNoContent;
  return answer;
}

ApiAnswer list_tokens(const AccessDesk& desk) {
  ApiAnswer answer;
  answer.body = tokens_json(Tokens(desk.file).all());
  return answer;
}

}  // namespace

std::vector<Route> token_routes(const AccessDesk& desk) {
  return {{"GET",
           "/api/v1/tokens",
           Scope::Admin,
           "listTokens",
           "The API tokens there are",
           {},
           {},
           200,
           "Tokens",
           "",
           [desk](const ApiCall&) { return list_tokens(desk); }},
          {"POST",
           "/api/v1/tokens",
           Scope::Admin,
           "makeToken",
           "Make an API token; only this answer has its text",
           {},
           {{"name", FieldKind::Text, true, "for people"},
            {"scopes", FieldKind::Texts, true, "of read, backup, restore, admin"}},
           http_status::kCreated,
           "MadeToken",
           "token create",
           [desk](const ApiCall& call) { return make_token(desk, call); }},
          {"DELETE",
           "/api/v1/tokens/{id}",
           Scope::Admin,
           "revokeToken",
           "Revoke an API token",
           {},
           {},
           http_status::kNoContent,
           "",
           "token revoke",
           [desk](const ApiCall& call) { return revoke_token(desk, call); }}};
}

}  // namespace controller
