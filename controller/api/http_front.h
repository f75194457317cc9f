// HTTP itself: requests in, answers out.
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "controller/api/api_message.h"
#include "controller/api/connection.h"

namespace controller {

/// The address cannot be listened on.
class ListenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Listens for as long as it lives.  A connection serves one request; its body has a known length
/// of a mebibyte at most and is never unpacked.  At most 96 requests are answered at a time; when
/// one more comes, the connection is broken off whose client has been waited for the longest.
class HttpFront {
 public:
  /// Called from several threads at once; must not throw.
  using Answer = std::function<ApiAnswer(ApiRequest request)>;

  /// Throws ListenError.
  HttpFront(const std::string& address, int port, Answer answer, const RequestLimits& limits = {});
  HttpFront(const HttpFront&) = delete;
  HttpFront& operator=(const HttpFront&) = delete;

  /// Answers that are streams break off, and so do clients that are waited for; an answer that
  /// waits for something must end by itself.
  ~HttpFront();

  [[nodiscard]] int port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace controller
