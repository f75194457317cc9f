// Containers are down for as long as an Outage lives, and no longer.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "controller/clock.h"
#include "controller/outage/bring_back.h"
#include "controller/outage/journal.h"
#include "controller/plan/capture_plan.h"
#include "dockerapi/engine.h"

namespace controller {

struct OutageOptions {
  std::optional<std::chrono::seconds> grace;  // absent: each container's own stop timeout
  // Sets restart policies to "no" for the time, so that not even a restarting engine starts
  // anything.
  bool hold_restart_policies = false;
  // Leaves the journal's steps open at the end: until settle(), a death has whoever comes next look
  // at these containers.
  bool settle_later = false;
  std::chrono::milliseconds engine_patience{60'000};
  // Told what did not come back where nobody can be given a result.
  std::function<void(const StartFailure&)> lost = [](const StartFailure&) {};
};

/// What an outage works on; all of it outlives the outage.
struct OutageContext {
  dockerapi::Engine& engine;
  Journal& journal;
  Clock& clock;
  std::string job;
};

/// Stops (or pauses) containers in the plan's order, each written to the journal before, and brings
/// them back in the reverse order.  Whatever path leaves the scope, every container that was
/// stopped here has been asked to start again; a death of the process leaves the journal for
/// replay.
class Outage {
 public:
  /// Only what is alive goes down.  If one of them will not stop, starts the ones already stopped
  /// and rethrows.
  Outage(OutageContext context, std::vector<PlannedStop> stops, OutageOptions options);
  Outage(const Outage&) = delete;
  Outage& operator=(const Outage&) = delete;

  /// A safety net for the failing path: brings back what is still down and tells `lost` what does
  /// not come.  The normal path calls end() and looks at the answer.
  ~Outage();

  /// Which containers were not down all the time: came up by themselves or by somebody else's hand,
  /// or were removed.  Each as a sentence.  What was copied meanwhile is worth nothing then.
  [[nodiscard]] std::vector<std::string> disturbances();

  /// Brings all of them back, even if some fail; returns those that did.  Those stay in the
  /// journal.
  [[nodiscard]] std::vector<StartFailure> end();

  /// With settle_later, after end(): what came back needs no looking after any more.
  void settle();

  /// How long each service was down, in seconds; of several replicas the longest.  After end().
  [[nodiscard]] const std::map<std::string, double>& downtime() const { return downtime_; }

 private:
  struct Down {
    PlannedStop stop;
    std::int64_t step = 0;
    std::chrono::steady_clock::time_point since;
    bool back = false;
  };

  explicit Outage(OutageContext context, OutageOptions options);
  std::vector<Down*> note_level(const std::vector<PlannedStop>& level);
  void take_down(Down& down);
  void note_back(const PlannedStop& stop);

  OutageContext context_;
  OutageOptions options_;
  std::vector<std::unique_ptr<Down>> down_;
  std::vector<std::int64_t> unsettled_;  // steps of containers that are back
  std::map<std::string, double> downtime_;
  std::mutex mutex_;  // downtime_, while a level comes back
};

}  // namespace controller
