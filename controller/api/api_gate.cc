#include "controller/api/api_gate.h"

#include <utility>

#include "controller/api/http_status.h"

namespace controller {

namespace {

constexpr int kFailed = 400;  // and above

/// The only cookie of that name; empty: there is none, or somebody put another beside it.
std::string cookie(const ApiRequest& request, const std::string& name) {
  const std::string text = "; " + request.header("cookie");
  const auto wanted = "; " + name + "=";
  const auto at = text.find(wanted);
  if (at == std::string::npos || text.find(wanted, at + 1) != std::string::npos) {
    return {};
  }
  const auto found = text.substr(at + wanted.size());
  return found.substr(0, found.find(';'));
}

/// Empty: none.
std::string bearer(const ApiRequest& request) {
  const std::string scheme = "Bearer ";
  const auto text = request.header("authorization");
  return text.starts_with(scheme) ? text.substr(scheme.size()) : std::string();
}

void protect(ApiAnswer& answer, const GuardRules& rules) {
  const auto add = [&](const char* name, const char* value) {
    answer.headers.emplace_back(name, value);
  };
  add("Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src "
      "'self'; "
      "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for "
      "'script'; trusted-types 'none'");
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Cache-Control", "no-store");
  if (rules.secure()) {
    add("Strict-Transport-Security", "max-age=31536000");
  }
}

/// What an audited call was about.
std::string object_of(const ApiCall& call) {
  std::string object;
  for (const auto& [name, value] : call.parameters) {
    object += (object.empty() ? "" : " ") + value;
  }
  for (const char* name : {"name", "user"}) {
    object = object.empty() ? call.body.text(name) : object;
  }
  return object;
}

}  // namespace

std::string session_cookie_name(const GuardRules& rules) {
  // Browsers take a __Host- cookie from https or localhost only.
  return rules.url.starts_with("http://") ? "cofferdam" : "__Host-cofferdam";
}

ApiGate::ApiGate(std::vector<Route> routes, AccessFile& file, const GuardRules& rules,
                 const Clock& clock, ProblemOf problem_of)
    : routes_(std::move(routes)),
      file_(file),
      rules_(rules),
      clock_(clock),
      problem_of_(std::move(problem_of)) {}

std::chrono::sys_seconds ApiGate::now() const {
  return std::chrono::floor<std::chrono::seconds>(clock_.now());
}

std::optional<Identity> ApiGate::user_of_session(const std::string& text) {
  const auto session = Sessions(file_).find(text, now());
  if (!session) {
    return std::nullopt;
  }
  return Identity{"user " + session->user, {Scope::Admin}, session->id, {}};
}

std::optional<Identity> ApiGate::identity(const ApiRequest& request) {
  if (request.headers.contains("authorization")) {
    const auto token = Tokens(file_).find(bearer(request), now());
    return token ? std::optional(Identity{"token " + token->name, token->scopes, {}, token->id})
                 : std::nullopt;
  }
  const auto text = cookie(request, session_cookie_name(rules_));
  return text.empty() ? std::nullopt : user_of_session(text);
}

bool ApiGate::still_allowed(const Identity& who) {
  try {
    return who.session.empty() ? Tokens(file_).holds(who.token)
                               : Sessions(file_).holds(who.session, now());
  } catch (const AccessError&) {
    return false;  // nobody can say that they are
  }
}

FoundRoute ApiGate::route_of(const ApiRequest& request) const {
  if (auto found = find_route(routes_, request.method, request.path)) {
    return *std::move(found);
  }
  const auto methods = methods_at(routes_, request.path);
  if (methods.empty()) {
    throw ApiProblem(http_status::kNotFound, "no-such-route", "nothing is at " + request.path);
  }
  throw ApiProblem(http_status::kMethodNotAllowed, "method-not-allowed",
                   request.path + " knows " + methods + " only", {{"Allow", methods}});
}

ApiAnswer ApiGate::act(const Route& route, const ApiCall& call) {
  const auto attempt = [&]() -> ApiAnswer {
    try {
      return route.act(call);
    } catch (const ApiProblem& problem) {
      return answer_of(problem);
    } catch (const std::exception& error) {  // the boundary to whoever asks
      return answer_of(problem_of_(error));
    }
  };
  if (route.audit.empty()) {
    return attempt();
  }
  AuditLog log(file_);
  AuditEntry entry{rfc3339(now()), call.who.name,   call.request.source,
                   route.audit,    object_of(call), "asked"};
  if (!call.who.name.empty()) {
    log.add(entry);
  }
  auto answer = attempt();
  entry.result = answer.status >= kFailed ? "refused " + std::to_string(answer.status) : "ok";
  // Those who are held up could fill the disk.
  if (answer.status != http_status::kTooMany) {
    log.add(entry);
  }
  return answer;
}

ApiAnswer ApiGate::permitted(ApiRequest& request) {
  check_host(request, rules_);
  if (Users(file_).all().empty() && Tokens(file_).all().empty()) {
    throw ApiProblem(http_status::kNotFound, "not-set-up",
                     "nobody may use this yet; `cofferdam user set NAME` or `cofferdam token "
                     "create` sets it up");
  }
  request.source =
      client_address(request.source, request.header("x-forwarded-for"), rules_.proxies);
  auto found = route_of(request);
  check_body_headers(request);
  const auto who = identity(request);
  check_origin(request, rules_, who && !who->session.empty());
  if (found.route->scope && !who) {
    throw ApiProblem(http_status::kUnauthorized, "not-logged-in", "log in, or send a token",
                     {{"WWW-Authenticate", "Bearer"}});
  }
  if (found.route->scope && !allows(who->scopes, *found.route->scope)) {
    throw ApiProblem(http_status::kForbidden, "scope-missing",
                     "this needs the scope " + std::string(to_string(*found.route->scope)));
  }
  ApiCall call{request, std::move(found.parameters), {}, {}, who.value_or(Identity{}), {}};
  call.still_allowed = [this, asks = call.who] { return still_allowed(asks); };
  call.query = read_query(found.route->query, request.query);
  call.body = read_body(found.route->body, request.body);
  return act(*found.route, call);
}

ApiAnswer ApiGate::answer(ApiRequest request) {
  auto answer = [&] {
    try {
      return permitted(request);
    } catch (const ApiProblem& problem) {
      return answer_of(problem);
    } catch (const std::exception& error) {  // the boundary to whoever asks
      return answer_of(problem_of_(error));
    }
  }();
  protect(answer, rules_);
  return answer;
}

}  // namespace controller
