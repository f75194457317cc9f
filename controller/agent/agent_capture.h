// The agent that archives trees, inside its container.
#pragma once

namespace controller {

/// Reads a CaptureJob and then commands from `in_fd`, writes messages to `out_fd` (protocol.h).
/// Returns the exit code: 0 after finish, 1 if the controller went away (then every file of this
/// job has been removed), 2 for a job that cannot be read.
int run_capture_agent(int in_fd, int out_fd);

}  // namespace controller
