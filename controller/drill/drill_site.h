// What a drill makes on the engine: a network without a way out, volumes and containers, all found
// again by their labels.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/capture/setting.h"
#include "controller/drill/drill_plan.h"

namespace controller {

/// Exists for as long as the drill, and no longer.
class DrillSite {
 public:
  /// Makes the network and the volumes.  Write the intent to the journal before.  Throws
  /// dockerapi::Error; then what was made has been removed again, as far as possible.
  DrillSite(Setting& setting, const std::string& job, const DrillPlan& plan);
  DrillSite(const DrillSite&) = delete;
  DrillSite& operator=(const DrillSite&) = delete;

  /// A safety net for the failing path: removes everything, and leaves what it cannot to the
  /// replay.
  ~DrillSite();

  /// Makes the service's container.  Services whose namespaces it shares must have theirs.
  void create(const DrillService& service);

  /// Throws std::out_of_range for a service without container.
  [[nodiscard]] const dockerapi::ContainerId& container(const std::string& service) const;

  [[nodiscard]] const std::string& job() const { return job_; }

  /// The engine's name for a volume of the plan, or for the one of all files.
  [[nodiscard]] std::string volume(const std::string& name) const;
  static constexpr const char* kFiles = "files";

  /// Removes everything.  Throws dockerapi::Error.
  void remove();

  /// From now on it stays, for somebody to look at.
  void keep() { kept_ = true; }

 private:
  void make();
  [[nodiscard]] dockerapi::Labels labels() const;
  [[nodiscard]] dockerapi::MountSpec mount_spec(const DrillMount& mount) const;
  void join_namespaces(dockerapi::ContainerSpec& spec) const;

  Setting& setting_;
  std::string job_;
  const DrillPlan& plan_;
  std::string files_directory_;                               // on the host
  std::map<std::string, dockerapi::ContainerId> containers_;  // by service
  bool kept_ = false;
};

/// "cofferdam-drill-<job>": the network's name, and the start of all others.
std::string drill_name(const std::string& job);

/// Removes containers, networks and volumes of drills that carry all of `labels`; says what.  What
/// is missing is no error.  Throws dockerapi::Error.
std::vector<std::string> remove_drill(dockerapi::Engine& engine, const dockerapi::Labels& labels);

}  // namespace controller
