#include "controller/api/request_guard.h"

#include <gmock/gmock.h>

#include "controller/api/problem.h"

namespace controller {
namespace {

using Headers = std::multimap<std::string, std::string>;

const GuardRules kPlain{{"localhost", "::1"}, "", {}};
const GuardRules kSecure{{"localhost", "backup.example.org"}, "https://backup.example.org", {}};

ApiRequest asked(const std::string& method, Headers headers) {
  ApiRequest request;
  request.method = method;
  headers.emplace("host", "localhost:8080");
  request.headers = std::move(headers);
  return request;
}

template <typename Check>
std::string code(Check check) {
  try {
    check();
  } catch (const ApiProblem& problem) {
    return problem.code();
  }
  return "fine";
}

std::string host(const std::string& name) {
  ApiRequest request;
  request.headers.emplace("host", name);
  return code([&] { check_host(request, kPlain); });
}

TEST(RequestGuardTest, KnowsItsOwnHostsOnly) {
  for (const char* own : {"localhost", "localhost:8080", "LocalHost", "[::1]:8080", "[::1]"}) {
    EXPECT_EQ(host(own), "fine") << own;
  }
  for (const char* other : {"", "evil.example", "localhost.evil.example:80", "[::2]", "[", ":80"}) {
    EXPECT_EQ(host(other), "unknown-host") << other;
  }
  auto twice = asked("GET", {{"host", "localhost"}});
  EXPECT_EQ(code([&] { check_host(twice, kPlain); }), "unknown-host");
}

std::string origin(const std::string& method, const Headers& headers,
                   const GuardRules& rules = kPlain, bool by_cookie = true) {
  return code([&] { check_origin(asked(method, headers), rules, by_cookie); });
}

TEST(RequestGuardTest, LetsOwnPagesAskAndOthersNot) {
  EXPECT_EQ(origin("POST", {{"sec-fetch-site", "same-origin"}}), "fine");
  EXPECT_EQ(origin("GET", {{"sec-fetch-site", "none"}}), "fine");
  EXPECT_EQ(origin("POST", {{"origin", "http://localhost:8080"}}), "fine");
  EXPECT_EQ(origin("POST", {{"origin", "https://backup.example.org"}}, kSecure), "fine");
  for (const char* site : {"cross-site", "same-site", ""}) {
    EXPECT_EQ(origin("POST", {{"sec-fetch-site", site}}), "cross-site") << site;
    EXPECT_EQ(origin("GET", {{"sec-fetch-site", site}}), "cross-site") << site;
  }
  for (const char* page :
       {"null", "http://evil.example", "http://localhost", "http://localhost:80"}) {
    EXPECT_EQ(origin("POST", {{"origin", page}}), "cross-site") << page;
  }
  EXPECT_EQ(origin("POST", {{"origin", "http://localhost:8080"}}, kSecure), "cross-site");
}

TEST(RequestGuardTest, ACookieAloneChangesNothing) {
  EXPECT_EQ(origin("POST", {}), "cross-site");
  EXPECT_EQ(origin("DELETE", {}), "cross-site");
  EXPECT_EQ(origin("POST", {{"x-cofferdam", "1"}}), "fine");
  EXPECT_EQ(origin("GET", {}), "fine");
  EXPECT_EQ(origin("POST", {}, kPlain, false), "fine");
}

TEST(RequestGuardTest, RefusesBodiesThatItWouldNotRead) {
  const auto body = [](const Headers& headers) {
    return code([&] { check_body_headers(asked("POST", headers)); });
  };
  EXPECT_EQ(body({}), "fine");
  EXPECT_EQ(body({{"content-length", "0"}}), "fine");
  EXPECT_EQ(body({{"content-length", "9"}, {"content-type", "application/json; charset=utf-8"}}),
            "fine");
  EXPECT_EQ(body({{"content-length", "9"}, {"content-type", "text/plain"}}),
            "unsupported-media-type");
  EXPECT_EQ(body({{"content-length", "9"}}), "unsupported-media-type");
  EXPECT_EQ(body({{"content-length", "0"}, {"content-length", "9"}}), "unsupported-media-type");
  EXPECT_EQ(body({{"content-length", "9"},
                  {"content-type", "application/json"},
                  {"content-encoding", "gzip"}}),
            "unsupported-media-type");
  EXPECT_EQ(body({{"transfer-encoding", "chunked"}, {"content-type", "application/json"}}),
            "length-required");
}

}  // namespace
}  // namespace controller
