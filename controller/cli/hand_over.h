// A command that lets another process do its job.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/cli/commands.h"

namespace controller {

/// `words` is the command line after "cofferdam".  `serve` does the job if it is alive beside us;
/// the exit code is the job's.  Absent: it is not, and the job is ours to do.  Asks the job to end
/// when `context.stop` does.
std::optional<int> hand_over(const CommandContext& context, const std::vector<std::string>& words);

/// Starts the job, by `serve` or as a process of its own, and prints its id once it is accepted:
/// it works in the store or waits for its turn.  What keeps it from that it says on stderr, and the
/// exit code is the job's.
int detach(const CommandContext& context, const std::vector<std::string>& words);

}  // namespace controller
