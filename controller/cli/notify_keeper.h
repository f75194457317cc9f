// The sidecar's part in telling people.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "controller/cli/notify_settings.h"
#include "controller/cli/shared_book.h"
#include "controller/notify/outbox.h"
#include "controller/reporter.h"

namespace controller {

/// Delivers what is in the outbox for as long as it lives, from a thread of its own, so that a
/// service that hangs holds up nothing.  While it lives, commands leave the delivery to it.  What
/// it cannot do now (a disk is full) it says once and tries again at the next look().
class NotifyKeeper {
 public:
  /// All but `whom` outlive it.
  NotifyKeeper(const Settings& settings, NotifySettings whom, SharedBook& book, Reporter& reporter);

  /// From the next look on these are told.  A letter that is on its way to one of the old ones is
  /// tried again a minute later, if that is still told.  Call from the thread of look().
  void use(NotifySettings whom);

  /// Tells of jobs that died without a word within the last day: nobody else can; and each target
  /// once that the store's disk is nearly full, until it is not any more.  For serve's loop.
  void look();

  /// Tells once that a schedule is overdue; `since` tells this time from the next one.
  void tell_overdue(const std::string& project, const std::string& schedule,
                    const std::string& since);

  /// How it goes with each target, also with those that were never told anything.  Throws
  /// OutboxError.  May be called from another thread.
  std::vector<TargetStanding> standings();

 private:
  template <typename Work>
  void attempt(Work work);
  void open();
  void look_at_jobs();
  void look_at_room();
  void put_once(const std::string& key, const NotifyEvent& event);
  void deliver(const std::stop_token& stop);

  const Settings& settings_;
  SharedBook& book_;
  NotifySettings whom_;
  Reporter& reporter_;
  std::mutex mutex_;                // guards the pointer, and `whom_` while it is replaced
  std::unique_ptr<Outbox> outbox_;  // empty until it could be opened
  std::string told_;
  std::chrono::steady_clock::time_point look_at_room_again_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace controller
