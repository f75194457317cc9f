#include "controller/cli/trash_keeper.h"

#include "controller/clock.h"

namespace controller {

namespace {

// Between looks at what retention dropped.
constexpr std::chrono::minutes kTrashInterval{5};

}  // namespace

void TrashKeeper::look(Workplace& place, Reporter& reporter) {
  if (std::chrono::steady_clock::now() < again_) {
    return;
  }
  again_ = std::chrono::steady_clock::now() + kTrashInterval;
  try {
    const auto over = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) -
                      place.settings().prune_grace;
    const auto trash = place.store().discarded();
    if (trash.empty() || trash.front().discarded_at > over) {
      return;
    }
    const auto lock = place.store().lock("serve: removing dropped snapshots");
    for (const auto& one : place.store().purge(over)) {
      reporter.phase("removed snapshot " + one.name + ", which was dropped at " +
                     rfc3339(one.discarded_at));
    }
  } catch (const StoreLocked&) {
    again_ = {};  // somebody works; the next look tries again
  } catch (const std::exception& error) {
    reporter.warning(std::string("dropped snapshots cannot be removed now: ") + error.what());
  }
}

}  // namespace controller
