// Takes letters from the outbox to their targets.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/clock.h"
#include "controller/notify/courier.h"
#include "controller/notify/outbox.h"

namespace controller {

/// For one thread.  All that it works with outlives it.
class Postman {
 public:
  /// `complain` is told when a letter does not arrive at the first attempt, and when one is given
  /// up.
  Postman(Outbox& outbox, Courier& courier, const Clock& clock,
          std::function<void(const std::string&)> complain)
      : outbox_(outbox), courier_(courier), clock_(clock), complain_(std::move(complain)) {}

  /// Delivers all that is due for these targets; what cannot be is kept for later.  Throws
  /// OutboxError, and Interrupted once `stop` is requested.
  void go_round(const std::vector<NotifyTarget>& targets, const std::stop_token& stop);

 private:
  void deliver(const NotifyTarget& target, const Letter& letter, const std::stop_token& stop);
  [[nodiscard]] std::chrono::sys_seconds now() const;

  Outbox& outbox_;
  Courier& courier_;
  const Clock& clock_;
  std::function<void(const std::string&)> complain_;
};

/// Puts the event for every target that wants it.
void put_for_all(Outbox& outbox, const std::vector<NotifyTarget>& targets, const NotifyEvent& event,
                 std::chrono::sys_seconds now);

/// The same, as Outbox::put_once().
void put_for_all_once(Outbox& outbox, const std::string& key,
                      const std::vector<NotifyTarget>& targets, const NotifyEvent& event,
                      std::chrono::sys_seconds now);

/// The same, but once for each of them: also for one that is new at a later call, or that wants it
/// only then.  To have it told again, let the outbox forget what begins with the key.
void put_for_each_once(Outbox& outbox, const std::string& key,
                       const std::vector<NotifyTarget>& targets, const NotifyEvent& event,
                       std::chrono::sys_seconds now);

}  // namespace controller
