// PostgreSQL: dumped and restored by its own programs, watched through libpq.
#pragma once

#include <memory>

#include "controller/agent/agent_container.h"
#include "controller/database/database_driver.h"
#include "dockerapi/engine.h"

namespace controller {

/// The engine must outlive the driver and its sessions.
std::unique_ptr<DatabaseDriver> postgres_driver(dockerapi::Engine& engine, AgentImage image);

}  // namespace controller
