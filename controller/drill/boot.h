// Services that start in order, and how one knows that they have come up.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/capture/setting.h"
#include "controller/drill/drill_plan.h"
#include "controller/drill/drill_site.h"
#include "controller/snapshot/check_report.h"

namespace controller {

/// A service is up once its health check passes; without one, if it still runs three seconds after
/// its start; one that is to end by itself, once it has ended with exit code 0.  None of them is
/// started again if it dies, so that a look at it shows all that has happened to it.
class Boot {
 public:
  /// All of it outlives the boot.
  Boot(Setting& setting, DrillSite& site, const DrillPlan& plan, std::stop_token stop);

  /// Starts `services` and what they need, each once its needs are met, and waits until `services`
  /// are up.  False once anything started so far has failed.  Throws dockerapi::Unreachable,
  /// Interrupted.
  bool bring_up(const std::set<std::string>& services);

  /// Looks at everything that was started.  False if anything has failed.
  bool look();

  /// Looks again after a moment; as look().
  bool wait();

  /// The service is not what it should be, as somebody else found out.
  void fail(const std::string& service, const std::string& problem);

  /// One for each service of the plan, those that were not started too.
  [[nodiscard]] std::vector<CheckedItem> items() const;

 private:
  enum class State { Starting, Up, Ended, Failed };

  struct Started {
    const DrillService* service = nullptr;
    State state = State::Starting;
    bool checked = false;  // has a health check, its own or the image's
    std::chrono::steady_clock::time_point at;
    double seconds = 0;  // until it was up
    std::string text;
  };

  [[nodiscard]] std::set<std::string> with_needs(std::set<std::string> services) const;
  bool await_needs(const DrillService& service);
  [[nodiscard]] bool meets(const DrillNeed& need) const;
  void start(const DrillService& service);
  void look_at(Started& started);
  void judge_running(Started& started, const dockerapi::Container& now);
  [[nodiscard]] CheckedItem item_of(const DrillService& service) const;
  void settle(Started& started, State state, const std::string& text);

  Setting& setting_;
  DrillSite& site_;
  const DrillPlan& plan_;
  std::stop_token stop_;
  std::map<std::string, Started> started_;
};

}  // namespace controller
