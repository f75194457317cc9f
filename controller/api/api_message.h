// A request to the HTTP API and its answer, whatever carries them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
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

/// Something long whose length is known, so that whoever asked may want only a part.
struct ApiContent {
  std::uint64_t length = 0;
  std::string digest;  // what the same bytes have in common, as an ETag: without its quotes
  /// The `length` bytes from `offset` on.  False, or what it throws: they could not be written to
  /// their end, and whoever asked must see that.
  std::function<bool(std::uint64_t offset, std::uint64_t length, const BodyWriter& write)> send;
};

struct ApiAnswer {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  /// Instead of `body`, where that has a length.
  std::optional<ApiContent> content;
  /// Instead of `body`, where that comes little by little.  False, or what it throws: it could not
  /// be written to its end, and whoever asked must see that.
  std::function<bool(const BodyWriter& write)> stream;
};

inline ApiAnswer json_answer(std::string body) {
  ApiAnswer answer;
  answer.body = std::move(body);
  return answer;
}

}  // namespace controller
