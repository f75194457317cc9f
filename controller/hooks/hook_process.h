// One command of a hook in a container, from its start to its end.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/hooks/hook_output.h"
#include "dockerapi/engine.h"

namespace controller {

struct HookCommand {
  std::vector<std::string> argv;
  std::vector<std::string> env;
  std::string user;  // empty: the container's
  std::chrono::milliseconds timeout{0};
  std::chrono::milliseconds grace{0};  // between asking it to end and killing it
};

/// "it took longer than 60 s"
std::string overdue_text(std::chrono::milliseconds timeout);

/// Runs the command without a terminal.  Returns what went wrong: a time-out, an exit code other
/// than 0; empty if nothing did.  Throws dockerapi::Error if it could not be run or nobody knows
/// how it ended, Interrupted after a stop request.
///
/// An engine cannot end an exec, so the command is started through the container's /bin/sh, which
/// tells its process number; after the time-out and after a stop request its process group gets
/// SIGTERM, then SIGKILL.  Without a /bin/sh in the container it goes on, and the text says so.
std::string run_hook_process(dockerapi::Engine& engine, const dockerapi::ContainerId& container,
                             const HookCommand& command, HookOutput& output,
                             const std::stop_token& stop);

}  // namespace controller
