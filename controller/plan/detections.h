// Which databases the project has: told by labels, images and environments, and where those say
// nothing, by a look into the volumes.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "compose/stack.h"
#include "controller/database/detection.h"
#include "controller/plan/policy.h"
#include "dockerapi/engine.h"

namespace controller {

struct Detections {
  std::map<std::string, DatabaseDetection> databases;  // by service
  std::set<std::string> clusters;     // keys of volumes that were seen to hold a PostgreSQL cluster
  std::vector<std::string> problems;  // where nobody could look, and why
};

/// Asks the engine only about flagged volumes whose writers nothing else tells of, and only whether
/// certain files are there: no content is read.  A cluster in a place that nobody would think of is
/// not found here, but by the agent that copies the volume.  Throws Unreachable.
Detections detect_databases(dockerapi::Engine& engine, const compose::Stack& stack,
                            const Policy& policy);

}  // namespace controller
