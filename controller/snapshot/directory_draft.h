// A snapshot while it is written, as a directory `.NAME.partial` beside the finished ones.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "controller/snapshot/snapshot_store.h"

namespace controller {

/// Names of what is no snapshot yet, and no longer one.
std::string partial_name(const std::string& name);
std::string trash_name(const std::string& name);

/// Throws SnapshotExists if there is a snapshot or a draft of that name already.
std::unique_ptr<SnapshotDraft> begin_draft(const std::filesystem::path& root,
                                           const std::string& name);

}  // namespace controller
