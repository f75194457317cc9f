// How serve ends.
#pragma once

#include <sys/types.h>

#include <set>

#include "controller/cli/workplace.h"
#include "controller/reporter.h"

namespace controller {

/// Waits for the processes in `asked`, which have been asked to end, and for commands that
/// `docker exec` started beside us, which are asked here: they would be killed with this container.
/// Then whatever is down because of a job comes back.  Takes a little less than the ten seconds
/// that Docker gives; what is not done by then is done at the next start.
void take_leave(Workplace& place, Reporter& reporter, std::set<pid_t> asked);

}  // namespace controller
