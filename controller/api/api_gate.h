// Everything that stands between a request and what it asks for.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "controller/access/access_file.h"
#include "controller/access/audit_log.h"
#include "controller/access/sessions.h"
#include "controller/access/tokens.h"
#include "controller/access/users.h"
#include "controller/api/problem.h"
#include "controller/api/request_guard.h"
#include "controller/api/route.h"
#include "controller/clock.h"

namespace controller {

/// The problem that an exception of the product is.
using ProblemOf = std::function<ApiProblem(const std::exception&)>;

/// Where the session's text is kept by the browser.
std::string session_cookie_name(const GuardRules& rules);

/// Answers every request with an ApiAnswer, whatever happens.  Looks in this order: does the host
/// fit, is anybody set up at all, is there such a route, does the page that asks belong to us, who
/// asks, may they, are the words in order.  What has an audit name is written down before
/// it is done, and again with its result; where it cannot be, it is not done.  For several threads.
class ApiGate {
 public:
  /// All outlive it.
  ApiGate(std::vector<Route> routes, AccessFile& file, const GuardRules& rules, const Clock& clock,
          ProblemOf problem_of);

  ApiAnswer answer(ApiRequest request);

  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  ApiAnswer permitted(ApiRequest& request);
  std::optional<Identity> identity(const ApiRequest& request);
  std::optional<Identity> user_of_session(const std::string& text);
  bool still_allowed(const Identity& who);
  FoundRoute route_of(const ApiRequest& request) const;
  ApiAnswer act(const Route& route, const ApiCall& call);
  [[nodiscard]] std::chrono::sys_seconds now() const;

  std::vector<Route> routes_;
  AccessFile& file_;
  const GuardRules& rules_;
  const Clock& clock_;
  ProblemOf problem_of_;
};

}  // namespace controller
