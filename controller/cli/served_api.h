// What `serve` answers over HTTP.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "controller/cli/access_settings.h"
#include "controller/cli/config_in_force.h"
#include "controller/cli/settings.h"
#include "controller/cli/shared_book.h"

namespace controller {

/// What is answered to anybody; each is called from other threads, several at once.
struct HealthAnswers {
  std::function<std::string()> illness;  // why a restart would help; empty: it would not
  std::function<std::string()> unready;  // what keeps it from working; empty: nothing
  std::function<std::string()> metrics;  // Prometheus's text; may throw; empty: not answered
};

/// GET /healthz, /readyz and /metrics, and the API, from threads of its own for as long as it
/// lives.  The file of users and tokens is opened when it is first needed, since a full disk must
/// not keep `serve` from starting.
class ServedApi {
 public:
  /// `settings`, `config` (the one in force) and `book` outlive it.  Throws SettingError if the
  /// address cannot be listened on.
  ServedApi(const Settings& settings, AccessSettings access, const ConfigInForce& config,
            SharedBook& book, HealthAnswers answers);
  ServedApi(const ServedApi&) = delete;
  ServedApi& operator=(const ServedApi&) = delete;
  ~ServedApi();

  /// For serve's loop.
  void look();

  /// Asks all jobs that it has started to end, and starts no more.  Returns their processes.
  std::set<pid_t> end();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Asks the endpoint at that address for its illness: empty if all is well, else what is wrong.
std::string ask_health(const std::string& address, int port);

}  // namespace controller
