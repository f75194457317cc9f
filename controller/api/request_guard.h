// Whether a request comes from where it may come from.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/access/address_range.h"
#include "controller/api/api_message.h"

namespace controller {

struct GuardRules {
  std::set<std::string> hosts;  // names that we are reached by, without a port
  std::string url;              // where people reach us: "https://backup.example.org"; may be empty
  std::vector<AddressRange> proxies;  // their X-Forwarded-For is believed

  [[nodiscard]] bool secure() const { return url.starts_with("https://"); }
};

/// "backup.example.org" of "https://backup.example.org:8443".
std::string host_of_url(const std::string& url);

/// Throws ApiProblem, "unknown-host", unless the Host header is one of ours: a name that somebody
/// else made to point at us must not lead a browser here.
void check_host(const ApiRequest& request, const GuardRules& rules);

/// Throws ApiProblem, "cross-site", for what a browser sent on behalf of another site's page.
/// `by_cookie`: whoever asks is known by a cookie, which a browser sends by itself; then a request
/// that says nothing of where it comes from needs the header X-Cofferdam, except for looking.
void check_origin(const ApiRequest& request, const GuardRules& rules, bool by_cookie);

/// Throws ApiProblem for what must not be read: "length-required" for a body of unknown length,
/// "unsupported-media-type" for one that is compressed or is not JSON.
void check_body_headers(const ApiRequest& request);

}  // namespace controller
