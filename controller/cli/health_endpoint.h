// GET /healthz, /readyz and /metrics: for HEALTHCHECK, orchestrators and monitors.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace controller {

/// What is answered; each is called from other threads, several at once.
struct HealthAnswers {
  std::function<std::string()> illness;  // why a restart would help; empty: it would not
  std::function<std::string()> unready;  // what keeps it from working; empty: nothing
  std::function<std::string()> metrics;  // Prometheus's text; may throw; empty: not answered
};

/// Answers from a thread of its own for as long as it lives.
class HealthEndpoint {
 public:
  /// Throws SettingError if the address cannot be listened on.
  HealthEndpoint(const std::string& address, int port, HealthAnswers answers);
  HealthEndpoint(const HealthEndpoint&) = delete;
  HealthEndpoint& operator=(const HealthEndpoint&) = delete;
  ~HealthEndpoint();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Asks the endpoint at that address for its illness: empty if all is well, else what is wrong.
std::string ask_health(const std::string& address, int port);

}  // namespace controller
