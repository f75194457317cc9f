// Which volumes are to be captured, how each is made consistent, and which databases are dumped.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/plan/capture_plan.h"

namespace controller {

/// A volume to be copied as files.
struct ChosenVolume {
  const compose::StackVolume* volume = nullptr;  // of the stack
  Mode mode = Mode::Stop;
  std::vector<std::string> exclude;
  std::string reason;
  bool holds_cluster = false;  // of PostgreSQL; its files are copied nevertheless
};

struct Selection {
  std::vector<ChosenVolume> volumes;            // by key
  std::vector<PlannedDatabase> databases;       // by service
  std::set<std::string> covered;                // keys of volumes whose content is in one of those
  std::map<std::string, std::string> left_out;  // flagged, yet not captured: key, reason
  std::vector<std::string> warnings;
  // Nodes that have to stop though they write none of the volumes, and why; those that never stop
  // are left out.
  std::map<std::string, std::string> also_stopped = {};
};

/// Throws PolicyError, PlanRefusal, std::invalid_argument for an unknown service.
Selection select(const compose::Stack& stack, const Policy& policy, const PlanRequest& request);

/// Everybody who mounts the bytes of `volume`, also through another volume or bind mount.
std::vector<compose::VolumeUser> users_of(const compose::Stack& stack,
                                          const compose::StackVolume& volume);

/// "volume redis (shop_redis)", "bind mount /srv/conf".
std::string title_of(const compose::StackVolume& volume);

}  // namespace controller
