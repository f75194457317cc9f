// GET /healthz: whether the sidecar is well, for HEALTHCHECK and monitors.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace controller {

/// Answers from a thread of its own for as long as it lives.
class HealthEndpoint {
 public:
  /// `problem` returns what is wrong, empty if nothing; it is called from other threads.  Throws
  /// SettingError if the address cannot be listened on.
  HealthEndpoint(const std::string& address, int port, std::function<std::string()> problem);
  HealthEndpoint(const HealthEndpoint&) = delete;
  HealthEndpoint& operator=(const HealthEndpoint&) = delete;
  ~HealthEndpoint();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Asks the endpoint at that address: empty if all is well, else what is wrong.
std::string ask_health(const std::string& address, int port);

}  // namespace controller
