// One HTTP request and its answer: the seam below everything that talks to remote storage.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <stdexcept>
#include <stop_token>
#include <string>

namespace controller {

/// What a request sends.  It is read from its start again whenever it has to be sent again.
struct HttpBody {
  std::uint64_t size = 0;
  /// Copies up to `most` bytes from `offset` and returns how many; may throw.
  std::function<std::size_t(std::uint64_t offset, char* bytes, std::size_t most)> read;
};

struct HttpCall {
  std::string method;
  std::string url;
  std::map<std::string, std::string> headers;
  HttpBody body;
};

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

/// No answer, or not the whole of it: whether the request was carried out is unknown.
class NoAnswer : public std::runtime_error {
 public:
  enum class Retry { Sensible, Useless };

  NoAnswer(const std::string& what, Retry retry) : std::runtime_error(what), retry_(retry) {}
  [[nodiscard]] Retry retry() const { return retry_; }

 private:
  Retry retry_;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;

  /// Throws NoAnswer, Interrupted once `stop` is requested, and what the call's functions throw.
  virtual HttpAnswer exchange(const HttpCall& call, const std::stop_token& stop) = 0;
};

}  // namespace controller
