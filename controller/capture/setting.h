// Where jobs happen: the collaborators every capture and restore is given.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "controller/agent/agent_container.h"
#include "controller/clock.h"
#include "controller/database/database_driver.h"
#include "controller/outage/journal.h"
#include "controller/reporter.h"
#include "controller/snapshot/snapshot_store.h"
#include "controller/snapshot/verification.h"
#include "dockerapi/engine.h"

namespace controller {

/// The store as an agent container sees it: what to mount, and where the store's root is then.
struct StoreMount {
  dockerapi::MountSpec mount;
  std::string root = "/.cofferdam/store";
};

/// All of it outlives the job.
struct Setting {
  dockerapi::Engine& engine;
  SnapshotStore& store;
  Journal& journal;
  Clock& clock;
  DatabaseDriver& databases;
  Reporter& reporter;
  AgentImage agent;
  StoreMount store_mount;
  DumpReader read_dump;  // what a verify reads stored dumps with
};

}  // namespace controller
