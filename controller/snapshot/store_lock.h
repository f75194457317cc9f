// One job at a time in a store, whichever process or container it runs in.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// Takes the lock file <root>/.cofferdam/lock, which the kernel frees when its holder dies, and
/// writes into it who holds it.  Throws StoreLocked.
std::unique_ptr<StoreLock> lock_store(const std::filesystem::path& root,
                                      const std::string& purpose);

}  // namespace controller
