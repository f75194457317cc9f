// `cofferdam agent postgres`: runs in a container in the database's network namespace and does SQL
// for the controller, which has no way to that network itself.
#pragma once

namespace controller {

/// Answers requests (sql_protocol.h) until the input ends; returns the exit code.  Whatever its
/// connections held, locks and exported snapshots, ends with it.
int run_postgres_agent(int in_fd, int out_fd);

}  // namespace controller
