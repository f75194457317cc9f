// Which throw-away volumes and files a drill needs, and where its containers mount them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/drill/drill_plan.h"

namespace controller {

/// Collects volumes and files while services are planned.  Two services that share a volume share
/// its stand-in.
class DrillMounts {
 public:
  /// All of the snapshot's volumes are in from the start: they are checked even if nobody mounts
  /// them.
  DrillMounts(const compose::Stack& stack, const Manifest& manifest, const DrillSight& sight,
              DrillPlan& plan);

  /// Mounts of `live` as those of `service`; what cannot be is noted.
  void add(const dockerapi::Container& live, const dockerapi::Image& image, DrillService& service);

 private:
  void add_record(const VolumeRecord& record);
  void mount_volume(const dockerapi::Mount& mount, DrillService& service);
  void mount_bind(const dockerapi::Mount& mount, DrillService& service);
  void mount_file(const dockerapi::Mount& mount, DrillService& service);
  const VolumeRecord* record_of(const std::string& key, const dockerapi::Mount& mount,
                                const std::string& service) const;
  std::string volume_named(const std::string& key, const VolumeRecord* record);
  std::string file_named(const std::string& source, const VolumeRecord* record);
  std::string new_volume(const std::string& key);
  [[nodiscard]] std::string reason_of(const std::string& key) const;

  const compose::Stack& stack_;
  const Manifest& manifest_;
  const DrillSight& sight_;
  DrillPlan& plan_;
  std::map<std::string, std::string> volumes_;  // key -> name in the plan
  std::map<std::string, std::string> files_;    // path on the host -> name in the plan
};

/// True if the container can command the engine.
bool holds_engine_socket(const compose::Stack& stack, const dockerapi::Container& container);

}  // namespace controller
