// Which volumes hold the files of a database, and whether that can be dumped now.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/plan/capture_plan.h"

namespace controller {

/// A database server of the project.
struct KnownDatabase {
  std::string service;
  DatabaseDetection detection;
  // Volumes it writes at, above or below its data directory; the one that really holds its files
  // first.  Empty: they lie in the container itself.
  std::vector<const compose::StackVolume*> holders;
};

/// Detected ones and those named by the config file, without those the policy says "none" of; by
/// service.
std::vector<KnownDatabase> known_databases(const compose::Stack& stack, const Policy& policy,
                                           const PlanRequest& request);

/// The container to dump from; absent if the server is down.  Throws PlanRefusal if it is neither
/// up nor down.
std::optional<dockerapi::ContainerId> running_server(const compose::Stack& stack,
                                                     const std::string& service);

}  // namespace controller
