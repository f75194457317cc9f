#include <unistd.h>

#include "controller/agent/agent_capture.h"
#include "controller/agent/agent_drill.h"
#include "controller/agent/agent_restore.h"
#include "controller/cli/commands.h"
#include "controller/database/postgres_agent.h"

namespace controller {

ExitCode run_agent(const std::string& role) {
  int result = 0;
  if (role == "capture") {
    result = run_capture_agent(STDIN_FILENO, STDOUT_FILENO);
  } else if (role == "restore") {
    result = run_restore_agent(STDIN_FILENO, STDOUT_FILENO);
  } else if (role == "drill") {
    result = run_drill_agent(STDIN_FILENO, STDOUT_FILENO);
  } else if (role == "postgres") {
    result = run_postgres_agent(STDIN_FILENO, STDOUT_FILENO);
  } else {
    throw UsageError("unknown agent role " + role);
  }
  return result == 0 ? ExitCode::Success : ExitCode::Failed;
}

}  // namespace controller
