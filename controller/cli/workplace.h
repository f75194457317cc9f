// Everything a command works with, made on first use: `list` needs no engine, `plan` no journal.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compose/stack.h"
#include "controller/capture/setting.h"
#include "controller/cli/settings.h"
#include "controller/plan/capture_plan.h"
#include "controller/plan/policy.h"
#include "controller/plan/schedule_labels.h"
#include "controller/recovery/replay.h"

namespace controller {

class Workplace {
 public:
  Workplace(Settings settings, Reporter& reporter);
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  ~Workplace();

  [[nodiscard]] const Settings& settings() const { return settings_; }

  /// Throws dockerapi::Unreachable.
  dockerapi::Engine& engine();
  SnapshotStore& store();
  Journal& journal();

  /// The project as the engine shows it now.  Throws SettingError if nobody said which project and
  /// we are part of none.
  const compose::Observation& observation();
  const compose::Stack& stack();
  std::string project();

  /// Reads labels and the config file, detects databases, and decides.
  CapturePlan plan(const std::vector<std::string>& services);

  /// What labels and the config file say.  Throws PolicyError.
  Policy policy();

  /// What labels of the project's services say of schedules now, whatever was seen before.  Throws
  /// dockerapi::Error.
  std::vector<LabelledSchedule> schedule_labels();

  /// Which version of the application runs; empty if nobody can tell.
  std::string platform_version();

  /// Services that are recognised as database servers.
  std::set<std::string> database_services();

  /// Collaborators of a job.  Throws SettingError where agents could not see the store or our
  /// image.
  Setting setting();

  /// Brings back what a dead job left behind, unless a live one holds the store.  Call with the
  /// lock held.
  ReplayReport replay();

 private:
  struct State;
  const std::optional<dockerapi::Container>& self();
  PlanRequest plan_request(const Policy& policy);
  StoreMount store_mount();
  AgentImage agent_image();

  Settings settings_;
  Reporter& reporter_;
  std::unique_ptr<State> state_;
};

}  // namespace controller
