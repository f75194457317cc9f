// Sends a notification: the seam between what is to be told and the network.
#pragma once

#include <stdexcept>
#include <stop_token>
#include <string>

#include "controller/notify/notify_request.h"

namespace controller {

/// It did not arrive, or nobody confirmed that it did.  The text has no secret of the target.
class NotDelivered : public std::runtime_error {
 public:
  /// Useless: the service takes exception to this very event, and would again.
  enum class Retry { Sensible, Useless };

  explicit NotDelivered(const std::string& what, Retry retry = Retry::Sensible)
      : std::runtime_error(what), retry_(retry) {}
  [[nodiscard]] Retry retry() const { return retry_; }

 private:
  Retry retry_;
};

class Courier {
 public:
  virtual ~Courier() = default;

  /// Returns once the service has accepted it, or has no word for it.  Throws NotDelivered, and
  /// Interrupted once `stop` is requested.
  virtual void deliver(const NotifyTarget& target, const NotifyEvent& event,
                       const NotifyAttempt& attempt, const std::stop_token& stop) = 0;
};

}  // namespace controller
