// A subscription to events that outlives its connection.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "dockerapi/engine.h"

namespace dockerapi {

/// Events in order, each once, across broken connections: after a break it asks for everything
/// since the last one.
///
/// The engine remembers its last 256 events of any kind, and none of what happened while it was
/// itself going down.  So after reconnects() has grown, look at the state of what you watch.
/// One thread calls next(); cancel() may come from any thread.
class EventFeed {
 public:
  /// Events from now on.  Throws Unreachable.
  EventFeed(Engine& engine, EventFilter filter);
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;

  /// Blocks for the next event; absent after cancel().  Throws Unreachable if the connection is
  /// lost and the engine does not answer: call again later, nothing is skipped.
  std::optional<Event> next();

  void cancel() noexcept;

  /// How often the connection had to be made anew.
  [[nodiscard]] int reconnects() const { return reconnects_; }

 private:
  std::shared_ptr<EventStream> current() const;
  bool reconnect();
  bool is_new(const Event& event);

  Engine& engine_;
  EventFilter filter_;
  mutable std::mutex mutex_;  // of stream_ and cancelled_
  std::shared_ptr<EventStream> stream_;
  bool cancelled_ = false;
  std::int64_t opened_ns_ = 0;
  std::int64_t newest_ns_ = 0;
  std::set<std::pair<std::int64_t, std::string>> recent_;  // what a replay may repeat
  int reconnects_ = 0;
};

}  // namespace dockerapi
