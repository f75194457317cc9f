// A restore of one table: its rows, into the live database, while everybody goes on.
#pragma once

#include <stop_token>

#include "controller/capture/setting.h"
#include "controller/restore/restore_plan.h"

namespace controller {

/// Whether the plan is about one table: then it has one database and nothing else.
bool is_of_table(const RestorePlan& plan);

/// Verifies the dump and puts the table's rows in the place of the live ones, in one transaction:
/// whenever it ends they are all replaced or none is, so the journal has nothing to tell a replay.
/// On a throw nothing was changed, unless it is the DatabaseError that says that this is unknown:
/// the server's answer to COMMIT was lost.
/// Throws DatabaseRefusal for what DatabaseSession::restore_table() refuses.
RestoredTable restore_table(Setting& setting, const Manifest& manifest, const RestorePlan& plan,
                            const std::stop_token& stop);

}  // namespace controller
