// A restore of one table: its rows, into the live database, while everybody goes on.
#pragma once

#include <stop_token>

#include "controller/capture/setting.h"
#include "controller/restore/restore_plan.h"

namespace controller {

/// Whether the plan is about one table: then it has one database and nothing else.
bool is_of_table(const RestorePlan& plan);

/// Verifies the dump and puts the table's rows in the place of the live ones, in one transaction:
/// on a throw nothing was changed, whenever it comes, so the journal has nothing to tell a replay.
/// Throws DatabaseRefusal for what DatabaseSession::restore_table() refuses.
RestoredTable restore_table(Setting& setting, const Manifest& manifest, const RestorePlan& plan,
                            const std::stop_token& stop);

}  // namespace controller
