#include "controller/cli/turn.h"

#include <functional>

#include "controller/archive/volume_archive.h"
#include "controller/cli/book_changes.h"
#include "controller/cli/job_diary.h"
#include "controller/remote/snapshot_copy.h"

namespace controller {

namespace {

using TakeLock = std::function<std::unique_ptr<StoreLock>()>;

/// The lock if it is free; absent, with the reason in `obstacle`, if somebody works.
std::unique_ptr<StoreLock> try_lock(const TakeLock& lock, std::string& obstacle) {
  try {
    return lock();
  } catch (const StoreLocked& error) {
    obstacle = error.what();
    return nullptr;
  }
}

void tell_once(const CommandContext& context, const std::string& obstacle, std::string& told) {
  if (told.empty()) {
    told = "waiting for its turn: " + obstacle;
    context.diary->phase(told);
    if (!context.output.quiet) {
      complain(told);
    }
  }
}

/// `is_next`: nobody has waited longer.
std::unique_ptr<StoreLock> wait_for_turn(const CommandContext& context, const TakeLock& lock,
                                         const std::function<bool()>& is_next) {
  BookChanges changes(job_book_file(context.settings));
  std::string told;
  while (!context.stop.stop_requested()) {
    std::string obstacle = "another job waits before it";
    if (is_next()) {
      if (auto taken = try_lock(lock, obstacle)) {
        return taken;
      }
    }
    tell_once(context, obstacle, told);
    changes.wait();
  }
  throw Interrupted("cancelled before its turn came");
}

bool queues(const CommandContext& context) {
  return context.queue && context.diary;
}

}  // namespace

std::unique_ptr<StoreLock> take_turn(const CommandContext& context, SnapshotStore& store,
                                     const std::string& purpose) {
  const auto take = [&] { return store.lock(purpose); };
  if (!queues(context)) {
    auto lock = take();
    accept_job(context);
    return lock;
  }
  context.diary->queue();
  auto lock = wait_for_turn(context, take, [&] { return context.diary->is_next(); });
  accept_job(context);
  return lock;
}

std::unique_ptr<StoreLock> take_copy_turn(const CommandContext& context, const CopyNotes& notes,
                                          const std::string& purpose) {
  const auto take = [&] { return lock_copies(notes, purpose); };
  if (!queues(context)) {
    auto lock = take();
    accept_job(context);
    return lock;
  }
  accept_job(context);
  return wait_for_turn(context, take, [] { return true; });
}

void accept_job(const CommandContext& context) {
  if (context.diary) {
    context.diary->begin_work();
  }
}

}  // namespace controller
