#include "controller/retention/prune.h"

namespace controller {

PruneOutcome prune(SnapshotStore& store, const RetentionPlan& plan, std::chrono::sys_seconds now,
                   std::chrono::seconds grace) {
  PruneOutcome outcome;
  for (const auto& name : dropped(plan)) {
    try {
      if (store.pinned(name)) {
        continue;  // somebody wants it, since the plan was made
      }
      store.discard(name, now);
      outcome.dropped.push_back(name);
    } catch (const NoSuchSnapshot&) {
      outcome.gone.push_back(name);  // removed by hand meanwhile: what was wanted
    }
  }
  outcome.removed = store.purge(now - grace);
  return outcome;
}

}  // namespace controller
