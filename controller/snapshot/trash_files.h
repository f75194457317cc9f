// Where a directory store keeps what was discarded, until its grace is over:
// <root>/.cofferdam/trash/20261127T020000Z.NAME.  The time in the name is when it was discarded.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// One rename, synced on both sides.
void move_to_trash(const std::filesystem::path& root, const std::string& snapshot,
                   std::chrono::sys_seconds at);

/// Longest there first.  What else lies there is not shown.
std::vector<DiscardedSnapshot> trash_in(const std::filesystem::path& root);

/// Begun and not ended, it is ended by the next call.
void remove_from_trash(const std::filesystem::path& root, const DiscardedSnapshot& discarded);

}  // namespace controller
