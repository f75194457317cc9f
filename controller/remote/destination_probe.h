// Whether a destination can be used, and for what.
#pragma once

#include <string>

#include "controller/remote/object_store.h"

namespace controller {

/// Whether the key can delete.  One that cannot is no mistake: who takes over this machine cannot
/// delete the copies either.
struct ProbeResult {
  bool can_delete = false;
  std::string why_not;
};

/// Writes a small object below `prefix`, looks at it, reads it back, finds it in a listing, and
/// deletes it; one and the same object each time, since a key that cannot delete leaves it there.
/// Throws what the first step that fails throws; IntegrityError if other bytes come back.
ProbeResult probe_destination(ObjectStore& objects, const std::string& prefix,
                              const std::string& text);

}  // namespace controller
