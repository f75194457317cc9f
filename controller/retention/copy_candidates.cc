#include "controller/retention/copy_candidates.h"

#include <algorithm>

#include "controller/archive/sha256.h"
#include "controller/retention/snapshot_candidates.h"

namespace controller {

namespace {

/// As it would be listed if it were in the store.  It has a manifest.
SnapshotEntry entry_of(const RemoteSnapshot& copy, const std::vector<SnapshotEntry>& here) {
  SnapshotEntry entry{copy.name, summary_of(*copy.manifest), "", copy.bytes};
  Sha256 digest;
  digest.add(copy.manifest_json);
  entry.digest = digest.hex();
  const auto same = std::ranges::find_if(here, [&](const SnapshotEntry& one) {
    return one.name == copy.name && one.digest == entry.digest;
  });
  if (same != here.end()) {
    entry.pinned = same->pinned;
    entry.checked = same->checked;
    if (entry.checked.failed_kind == "verify") {
      entry.checked = {};
    }
  }
  return entry;
}

}  // namespace

std::string copy_name(const RemoteSnapshot& copy) {
  return copy.name + "/" + copy.id;
}

std::vector<RetentionCandidate> copy_candidates(const std::vector<RemoteSnapshot>& copies,
                                                const KnownHere& known) {
  std::vector<RetentionCandidate> candidates;
  for (const auto& copy : copies) {
    if (!copy.manifest || !known.made.contains(copy.folder)) {
      continue;
    }
    for (auto one :
         retention_candidates({entry_of(copy, known.snapshots)}, known.project, known.in_use)) {
      one.name = copy_name(copy);
      candidates.push_back(std::move(one));
    }
  }
  return candidates;
}

}  // namespace controller
