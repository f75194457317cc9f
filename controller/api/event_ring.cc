#include "controller/api/event_ring.h"

#include <utility>

namespace controller {

void EventRing::add(ApiEvent event) {
  bytes_ += event.data.size();
  events_.push_back({++last_, std::move(event)});
  while (events_.size() > most_events_ || bytes_ > most_bytes_) {
    bytes_ -= events_.front().event.data.size();
    events_.pop_front();
  }
}

void EventRing::skip() {
  ++last_;
  bytes_ = 0;
  events_.clear();
}

std::optional<std::vector<NumberedEvent>> EventRing::after(std::int64_t number) const {
  const auto oldest = last_ - static_cast<std::int64_t>(events_.size());
  if (number < oldest || number > last_) {
    return std::nullopt;
  }
  return std::vector<NumberedEvent>(events_.begin() + (number - oldest), events_.end());
}

}  // namespace controller
