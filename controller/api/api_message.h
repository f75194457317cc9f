// A request to the HTTP API and its answer, whatever carries them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace controller {

struct ApiRequest {
  std::string method;                               // "GET", in upper case
  std::string path;                                 // decoded, without the query
  std::multimap<std::string, std::string> query;    // decoded
  std::multimap<std::string, std::string> headers;  // names in lower case
  std::string body;
  std::string source;  // the address that asks

  /// The only value of a header; empty if there is none or there are several.
  [[nodiscard]] std::string header(const std::string& name) const {
    return headers.count(name) == 1 ? headers.find(name)->second : std::string();
  }
};

/// False: whoever asked has gone.
using BodyWriter = std::function<bool(std::string_view bytes)>;

struct ApiAnswer {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  /// Instead of `body`, where that is long or comes little by little.  False: it could not be
  /// written to its end, and whoever asked must see that.
  std::function<bool(const BodyWriter& write)> stream;
};

}  // namespace controller
