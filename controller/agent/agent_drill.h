// The agent that fills the throw-away volumes of a drill, inside its container.
#pragma once

namespace controller {

/// Reads a RestoreJob and then commands from `in_fd`, writes messages to `out_fd` (protocol.h).  Of
/// each tree `live` is where it goes, a place that nobody else uses.  Commands:
///   measure     free space where the tree goes
///   place       extract the artifact into `live`, an empty directory
///   place-file  extract the artifact, which holds one file, as `live`, which does not exist
///   copy-file   copy the plain file `artifact` as `live`, with its owner and mode
///   weigh       walk `live` and count what lies there
///
/// Returns the exit code: 0 after finish, 1 if the controller went away, 2 for a job that cannot be
/// read.  Nothing is cleared up: whoever made the volumes throws them away.
int run_drill_agent(int in_fd, int out_fd);

}  // namespace controller
