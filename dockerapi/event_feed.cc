#include "dockerapi/event_feed.h"

#include <algorithm>
#include <utility>

namespace dockerapi {

namespace {

// Events of one moment may come in another order than their times: a replay begins a little early.
constexpr std::int64_t kOverlapNs = 1'000'000'000;

}  // namespace

EventFeed::EventFeed(Engine& engine, EventFilter filter)
    : engine_(engine), filter_(std::move(filter)), stream_(engine_.events(filter_, 0)) {
  opened_ns_ = stream_->opened_ns();
}

std::shared_ptr<EventStream> EventFeed::current() const {
  const std::lock_guard lock(mutex_);
  return cancelled_ ? nullptr : stream_;
}

bool EventFeed::reconnect() {
  auto fresh = engine_.events(filter_, std::max(opened_ns_, newest_ns_ - kOverlapNs));
  ++reconnects_;
  const std::lock_guard lock(mutex_);
  stream_ = std::move(fresh);
  return !cancelled_;
}

bool EventFeed::is_new(const Event& event) {
  newest_ns_ = std::max(newest_ns_, event.time_ns);
  recent_.erase(recent_.begin(), recent_.lower_bound({newest_ns_ - kOverlapNs, ""}));
  return recent_.emplace(event.time_ns, event.kind + " " + event.action + " " + event.id).second;
}

std::optional<Event> EventFeed::next() {
  for (;;) {
    const auto stream = current();
    if (!stream) {
      return std::nullopt;
    }
    if (auto event = stream->next()) {
      if (is_new(*event)) {
        return event;
      }
      continue;
    }
    if (!current() || !reconnect()) {
      return std::nullopt;
    }
  }
}

void EventFeed::cancel() noexcept {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  stream_->cancel();
}

}  // namespace dockerapi
