// The agent that brings trees back, inside its container.
#pragma once

namespace controller {

/// Reads a RestoreJob and then commands from `in_fd`, writes messages to `out_fd` (protocol.h).
/// Also knows `measure`: the free space where each tree will be staged.
///
/// Returns the exit code: 0 after finish, 1 if the controller went away, 2 for a job that cannot be
/// read.  When it goes away, staged trees are removed, but never what was live before a swap; an
/// InPlace swap, once begun, is carried to its end, since then its end is the only whole state.
int run_restore_agent(int in_fd, int out_fd);

}  // namespace controller
