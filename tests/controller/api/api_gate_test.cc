#include "controller/api/api_gate.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "controller/api/session_routes.h"
#include "tests/controller/access/access_file_fixture.h"
#include "tests/fakes/step_clock.h"

namespace controller {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* kPassword = "correct horse battery";

Route needing(const std::string& method, const std::string& path, Scope scope,
              const std::string& audit) {
  Route route;
  route.method = method;
  route.path = path;
  route.scope = scope;
  route.audit = audit;
  route.body = {{"name", FieldKind::Text, false, ""}};
  route.act = [](const ApiCall& call) {
    if (call.body.text("name") == "bad") {
      throw std::runtime_error("it went wrong");
    }
    ApiAnswer answer;
    answer.body = call.who.name;
    return answer;
  };
  return route;
}

class ApiGateTest : public AccessFileTest {
 protected:
  ApiAnswer ask(const std::string& method, const std::string& path,
                std::multimap<std::string, std::string> headers = {},
                const std::string& body = "") {
    ApiRequest request;
    request.method = method;
    request.path = path;
    headers.emplace("host", "localhost:8080");
    if (!body.empty()) {
      headers.emplace("content-length", std::to_string(body.size()));
      headers.emplace("content-type", "application/json");
    }
    request.headers = std::move(headers);
    request.body = body;
    request.source = "192.0.2.1";
    return gate_.answer(std::move(request));
  }

  ApiAnswer log_in(const std::string& password = kPassword) {
    return ask("POST", "/api/v1/login", {},
               R"({"user": "admin", "password": ")" + password + "\"}");
  }

  std::multimap<std::string, std::string> session() {
    const auto answer = log_in();
    const auto line = header(answer, "Set-Cookie");
    return {{"cookie", "other=1; " + line.substr(0, line.find(';'))}, {"x-cofferdam", "1"}};
  }

  std::multimap<std::string, std::string> token(const Scopes& scopes) {
    const auto made = Tokens(file_).make("ci", scopes, kNow);
    return {{"authorization", "Bearer " + made.text.reveal()}};
  }

  static std::string header(const ApiAnswer& answer, const std::string& name) {
    const auto found =
        std::ranges::find(answer.headers, name, &std::pair<std::string, std::string>::first);
    return found == answer.headers.end() ? "" : found->second;
  }

  static std::vector<Route> routes(const AccessDesk& desk) {
    auto all = session_routes(desk);
    for (auto& one : token_routes(desk)) {
      all.push_back(one);
    }
    all.push_back(needing("POST", "/api/v1/backup", Scope::Backup, "create"));
    all.push_back(needing("POST", "/api/v1/admin", Scope::Admin, ""));
    return all;
  }

  void set_up() { Users(file_, {1, std::size_t{1} << 20}).put("admin", Secret(kPassword), kNow); }

  fakes::StepClock clock_;
  LoginThrottle throttle_;
  GuardRules rules_{{"localhost"}, "", {}};
  ApiGate gate_{
      routes({file_, throttle_, rules_, clock_}), file_, rules_, clock_,
      [](const std::exception& error) { return ApiProblem(500, "failed", error.what()); }};
};

TEST_F(ApiGateTest, IsShutUntilSomebodyIsSetUp) {
  EXPECT_EQ(log_in().status, 404);
  EXPECT_THAT(log_in().body, HasSubstr("\"code\":\"not-set-up\""));
  EXPECT_EQ(ask("GET", "/api/v1/me").status, 404);
  set_up();
  EXPECT_EQ(ask("GET", "/api/v1/me").status, 401);
  EXPECT_EQ(header(ask("GET", "/api/v1/me"), "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(ask("GET", "/api/v1/nothing").status, 404);
  EXPECT_EQ(ask("PUT", "/api/v1/me").status, 405);
  EXPECT_EQ(header(ask("PUT", "/api/v1/me"), "Allow"), "GET");
}

TEST_F(ApiGateTest, ALoginMakesASessionThatALogoutEnds) {
  set_up();
  EXPECT_THAT(header(log_in(), "Set-Cookie"),
              testing::AllOf(StartsWith("__Host-cofferdam="), HasSubstr("; Path=/"),
                             HasSubstr("; HttpOnly"), HasSubstr("; SameSite=Strict"),
                             HasSubstr("; Secure")));
  const auto known = session();
  EXPECT_THAT(ask("GET", "/api/v1/me", known).body, HasSubstr("user admin"));
  EXPECT_EQ(ask("POST", "/api/v1/admin", known).status, 200);
  EXPECT_EQ(ask("POST", "/api/v1/logout", known).status, 204);
  EXPECT_EQ(ask("GET", "/api/v1/me", known).status, 401);
}

TEST_F(ApiGateTest, ASessionIsOverAfterTwelveHoursWithoutUse) {
  set_up();
  const auto known = session();
  clock_.sleep(hours{12});
  EXPECT_EQ(ask("GET", "/api/v1/me", known).status, 401);
}

TEST_F(ApiGateTest, ASessionIsEndedByAnotherOne) {
  set_up();
  const auto first = session();
  const auto second = session();
  const auto id =
      Sessions(file_).all(std::chrono::floor<std::chrono::seconds>(clock_.now())).front().id;
  EXPECT_EQ(ask("DELETE", "/api/v1/sessions/" + id, second).status, 204);
  EXPECT_EQ(ask("DELETE", "/api/v1/sessions/" + id, second).status, 404);
  EXPECT_EQ(ask("GET", "/api/v1/me", first).status, 401);
  EXPECT_EQ(ask("GET", "/api/v1/me", second).status, 200);
}

TEST_F(ApiGateTest, WrongPasswordsAreHeldUp) {
  set_up();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(log_in("a wrong password").status, 401);
  }
  EXPECT_EQ(log_in().status, 429);
  EXPECT_EQ(header(log_in(), "Retry-After"), "1");
  clock_.sleep(milliseconds{1000});
  EXPECT_EQ(log_in().status, 200);
}

TEST_F(ApiGateTest, ATokenMayDoWhatItsScopesSay) {
  const auto known = token({Scope::Backup});
  EXPECT_EQ(ask("POST", "/api/v1/backup", known).body, "token ci");
  EXPECT_EQ(ask("POST", "/api/v1/admin", known).status, 403);
  EXPECT_THAT(ask("POST", "/api/v1/admin", known).body, HasSubstr("\"code\":\"scope-missing\""));
  EXPECT_EQ(ask("GET", "/api/v1/tokens", known).status, 403);
  EXPECT_EQ(ask("GET", "/api/v1/me", {{"authorization", "Bearer nonsense"}}).status, 401);
}

TEST_F(ApiGateTest, AWrongTokenIsNotMendedByACookie) {
  set_up();
  auto both = session();
  both.emplace("authorization", "Bearer nonsense");
  EXPECT_EQ(ask("GET", "/api/v1/me", both).status, 401);
}

TEST_F(ApiGateTest, AMadeTokenIsShownOnceAndWorksUntilItIsRevoked) {
  set_up();
  const auto admin = session();
  const auto made = ask("POST", "/api/v1/tokens", admin, R"({"name": "ci", "scopes": ["read"]})");
  EXPECT_EQ(made.status, 201);
  const auto at = made.body.find("cofferdam_");
  const auto text = made.body.substr(at, made.body.find('"', at) - at);
  const std::multimap<std::string, std::string> known = {{"authorization", "Bearer " + text}};
  EXPECT_EQ(ask("GET", "/api/v1/me", known).status, 200);
  EXPECT_THAT(ask("GET", "/api/v1/tokens", admin).body, Not(HasSubstr(text)));
  const auto id = Tokens(file_).all().front().id;
  EXPECT_EQ(ask("DELETE", "/api/v1/tokens/" + id, admin).status, 204);
  EXPECT_EQ(ask("GET", "/api/v1/me", known).status, 401);
  EXPECT_EQ(ask("POST", "/api/v1/tokens", admin, R"({"name": "ci", "scopes": ["all"]})").status,
            400);
}

TEST_F(ApiGateTest, RefusesOtherHostsAndOtherSites) {
  set_up();
  auto known = session();
  known.emplace("origin", "https://evil.example");
  EXPECT_EQ(ask("GET", "/api/v1/me", known).status, 403);
  EXPECT_EQ(ask("GET", "/api/v1/me", {{"host", "evil.example"}}).status, 421);
  EXPECT_EQ(ask("POST", "/api/v1/login", {{"sec-fetch-site", "cross-site"}},
                R"({"user": "admin", "password": "correct horse battery"})")
                .status,
            403);
}

TEST_F(ApiGateTest, WritesDownWhatWasAskedAndHowItWent) {
  set_up();
  log_in("a wrong password");
  const auto known = token({Scope::Backup});
  ask("POST", "/api/v1/backup", known, R"({"name": "nightly"})");
  ask("POST", "/api/v1/backup", known, R"({"name": "bad"})");
  ask("POST", "/api/v1/backup", {}, R"({"name": "nobody"})");
  const std::string at = "2027-01-15T08:00:00Z";
  EXPECT_THAT(AuditLog(file_).read().entries,
              ElementsAre(AuditEntry{at, "", "192.0.2.1", "login", "admin", "refused 401"},
                          AuditEntry{at, "token ci", "192.0.2.1", "create", "nightly", "asked"},
                          AuditEntry{at, "token ci", "192.0.2.1", "create", "nightly", "ok"},
                          AuditEntry{at, "token ci", "192.0.2.1", "create", "bad", "asked"},
                          AuditEntry{at, "token ci", "192.0.2.1", "create", "bad", "refused 500"}));
}

TEST_F(ApiGateTest, EveryAnswerIsProtected) {
  for (const char* path : {"/api/v1/me", "/nothing"}) {
    const auto answer = ask("GET", path);
    EXPECT_THAT(header(answer, "Content-Security-Policy"), StartsWith("default-src 'none'"));
    EXPECT_EQ(header(answer, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(header(answer, "Cache-Control"), "no-store");
    EXPECT_THAT(header(answer, "Strict-Transport-Security"), IsEmpty());
  }
  rules_.url = "https://backup.example.org";
  EXPECT_EQ(header(ask("GET", "/"), "Strict-Transport-Security"), "max-age=31536000");
}

TEST_F(ApiGateTest, WithoutHttpsTheCookieHasAPlainName) {
  set_up();
  rules_.url = "http://backup.lan:8080";
  EXPECT_THAT(header(log_in(), "Set-Cookie"),
              testing::AllOf(StartsWith("cofferdam="), Not(HasSubstr("Secure"))));
  EXPECT_EQ(ask("GET", "/api/v1/me", session()).status, 200);
}

}  // namespace
}  // namespace controller
