// Serve's care for jobs that died: whatever they left down comes back.
#pragma once

#include "controller/cli/figure_source.h"
#include "controller/cli/wellbeing.h"
#include "controller/cli/workplace.h"
#include "controller/recovery/replay.h"
#include "controller/reporter.h"

namespace controller {

/// What was done goes into the log; what is still to be done is a warning.
void tell(Reporter& reporter, const ReplayReport& report);

/// At the start: agents may be left of a job that died after its last word in the journal.  Where
/// it cannot be done now, the next look_after_jobs() reports and tries again.
void clear_up_once(Workplace& place, Reporter& reporter);

/// One look at the engine and the journal.  Clears up after dead jobs, unless a live one holds the
/// store.  What keeps it from that is noted in `wellbeing`, and said once.
void look_after_jobs(Workplace& place, Reporter& reporter, Wellbeing& wellbeing,
                     FigureSource& figures);

}  // namespace controller
