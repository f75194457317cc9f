#include "controller/api/request_guard.h"

#include <algorithm>

#include "controller/api/http_status.h"
#include "controller/api/problem.h"

namespace controller {

namespace {

/// Without port, in lower case; "::1" of "[::1]:8080".
std::string host_name_of(std::string host) {
  if (host.starts_with('[')) {
    host = host.substr(1, host.find(']') - 1);
  } else if (const auto colon = host.rfind(':'); colon != std::string::npos) {
    host.resize(colon);
  }
  std::ranges::transform(host, host.begin(), [](char one) {
    return one >= 'A' && one <= 'Z' ? static_cast<char>(one - 'A' + 'a') : one;
  });
  return host;
}

bool only_looks(const std::string& method) {
  return method == "GET" || method == "HEAD";
}

/// Whether its page came from us.
bool is_own_origin(const ApiRequest& request, const GuardRules& rules, const std::string& origin) {
  const auto host = request.header("host");
  return (!rules.url.empty() && origin == rules.url) || origin == "https://" + host ||
         (!rules.secure() && origin == "http://" + host);
}

}  // namespace

std::string host_of_url(const std::string& url) {
  const auto scheme = url.find("://");
  return host_name_of(scheme == std::string::npos ? url : url.substr(scheme + 3));
}

void check_host(const ApiRequest& request, const GuardRules& rules) {
  if (!rules.hosts.contains(host_name_of(request.header("host")))) {
    throw ApiProblem(
        http_status::kMisdirected, "unknown-host",
        "this is not the host that was asked for; set COFFERDAM_URL or COFFERDAM_HOSTS "
        "if it should be");
  }
}

void check_origin(const ApiRequest& request, const GuardRules& rules, bool by_cookie) {
  const auto has = [&](const char* name) { return request.headers.contains(name); };
  const auto site = request.header("sec-fetch-site");
  if (site == "same-origin" || site == "none" ||
      (has("origin") && is_own_origin(request, rules, request.header("origin")))) {
    return;
  }
  if (has("sec-fetch-site") || has("origin")) {
    throw ApiProblem(http_status::kForbidden, "cross-site", "another site's page asks for this");
  }
  if (by_cookie && !only_looks(request.method) && !has("x-cofferdam")) {
    throw ApiProblem(http_status::kForbidden, "cross-site",
                     "nothing says which page asks for this; send the header X-Cofferdam");
  }
}

void check_body_headers(const ApiRequest& request) {
  if (request.headers.contains("transfer-encoding")) {
    throw ApiProblem(http_status::kLengthRequired, "length-required",
                     "a body needs its Content-Length, and no Transfer-Encoding");
  }
  if (request.headers.contains("content-encoding")) {
    throw ApiProblem(http_status::kUnsupported, "unsupported-media-type",
                     "a body must not be compressed");
  }
  const auto length = request.header("content-length");
  const bool empty = !request.headers.contains("content-length") || length == "0";
  const auto type = request.header("content-type");
  if (!empty && type.substr(0, type.find(';')) != "application/json") {
    throw ApiProblem(http_status::kUnsupported, "unsupported-media-type",
                     "a body must be application/json");
  }
}

}  // namespace controller
