// Copies of snapshots, for people and for scripts.
#pragma once

#include <string>
#include <vector>

#include "controller/remote/remote_snapshots.h"
#include "controller/remote/snapshot_copy.h"

namespace controller {

/// A table; says so if there are none.  What is not whole is flagged with the reason.
std::string remote_list_text(const std::vector<RemoteSnapshot>& snapshots);

/// An array of objects with name, id, created_at, status, project, bytes; of one that is not whole
/// `status` is "incomplete", the others but bytes are null, and `problem` says what is wrong.
std::string remote_list_json(const std::vector<RemoteSnapshot>& snapshots);

/// How one copy went: an outcome, or why there is none.
struct CopyResult {
  std::string destination;
  CopyOutcome outcome;
  std::string failure;  // empty: it worked
};

/// One line.
std::string copy_text(const CopyResult& result);

/// {"type": "copy", "snapshot", "destination", "outcome", "bytes", "message"}; `outcome` is
/// "copied", "was there", "gone" or "failed".
std::string copy_json(const CopyResult& result);

}  // namespace controller
