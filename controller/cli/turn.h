// Whose turn it is to work in the store.
#pragma once

#include <memory>
#include <string>

#include "controller/cli/commands.h"
#include "controller/remote/copy_notes.h"
#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// The store's lock for this command's job, which is accepted with it.  Throws StoreLocked, unless
/// the command is to queue: then it waits for its turn behind those that have waited longer, and
/// throws Interrupted if it is cancelled meanwhile.
std::unique_ptr<StoreLock> take_turn(const CommandContext& context, SnapshotStore& store,
                                     const std::string& purpose);

/// The lock of a destination's copies, likewise.  Who queues for it waits beside the store's queue:
/// copies take long, and nobody who wants the store waits behind them.
std::unique_ptr<StoreLock> take_copy_turn(const CommandContext& context, const CopyNotes& notes,
                                          const std::string& purpose);

/// For a job that needs no lock.
void accept_job(const CommandContext& context);

}  // namespace controller
