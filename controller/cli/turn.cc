#include "controller/cli/turn.h"

#include "controller/archive/volume_archive.h"
#include "controller/cli/book_changes.h"
#include "controller/cli/job_diary.h"

namespace controller {

namespace {

/// The lock if it is free; absent, with the reason in `obstacle`, if somebody works.
std::unique_ptr<StoreLock> try_lock(SnapshotStore& store, const std::string& purpose,
                                    std::string& obstacle) {
  try {
    return store.lock(purpose);
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

std::unique_ptr<StoreLock> wait_for_turn(const CommandContext& context, SnapshotStore& store,
                                         const std::string& purpose) {
  context.diary->queue();
  BookChanges changes(job_book_file(context.settings));
  std::string told;
  while (!context.stop.stop_requested()) {
    std::string obstacle = "another job waits before it";
    if (context.diary->is_next()) {
      if (auto lock = try_lock(store, purpose, obstacle)) {
        return lock;
      }
    }
    tell_once(context, obstacle, told);
    changes.wait();
  }
  throw Interrupted("cancelled before its turn came");
}

}  // namespace

std::unique_ptr<StoreLock> take_turn(const CommandContext& context, SnapshotStore& store,
                                     const std::string& purpose) {
  const bool queues = context.queue && context.diary;
  auto lock = queues ? wait_for_turn(context, store, purpose) : store.lock(purpose);
  accept_job(context);
  return lock;
}

void accept_job(const CommandContext& context) {
  if (context.diary) {
    context.diary->begin_work();
  }
}

}  // namespace controller
