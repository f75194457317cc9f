// Requests that the engine answers at once.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "dockerapi/endpoint.h"

namespace dockerapi {

struct PlainRequest {
  std::string method = "GET";
  std::string target;                                                    // path and query, encoded
  std::string body;                                                      // JSON; empty: none
  std::optional<std::chrono::seconds> limit = std::chrono::seconds(30);  // absent: none
};

struct PlainAnswer {
  int status = 0;
  std::string body;
  std::string api_version;  // header Api-Version
  std::string path_stat;    // header X-Docker-Container-Path-Stat
};

/// Connections to one engine, kept alive between calls and shared by threads.
class PlainCalls {
 public:
  explicit PlainCalls(const Endpoint& endpoint);
  PlainCalls(const PlainCalls&) = delete;
  PlainCalls& operator=(const PlainCalls&) = delete;
  ~PlainCalls();

  /// Whatever its status.  Throws Unreachable if no answer came.
  PlainAnswer send(const PlainRequest& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dockerapi
