// The newest events, for those who were away for a moment.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace controller {

/// Something that happened.
struct ApiEvent {
  std::string kind;  // "job", "log", "inventory"
  std::string data;  // a JSON object on one line

  friend bool operator==(const ApiEvent&, const ApiEvent&) = default;
};

struct NumberedEvent {
  std::int64_t number = 0;
  ApiEvent event;

  friend bool operator==(const NumberedEvent&, const NumberedEvent&) = default;
};

/// Numbers events from 1 on and keeps the newest.  For one thread at a time.
class EventRing {
 public:
  EventRing(std::size_t most_events, std::size_t most_bytes)
      : most_events_(most_events), most_bytes_(most_bytes) {}

  void add(ApiEvent event);

  /// Whoever has read so far has missed something that is not here.
  void skip();

  /// The number of the newest; 0: there was none.
  [[nodiscard]] std::int64_t last() const { return last_; }

  /// Those with a greater number, in order.  Absent: some of them are not kept any more, or the
  /// number is of another ring.
  [[nodiscard]] std::optional<std::vector<NumberedEvent>> after(std::int64_t number) const;

 private:
  std::size_t most_events_;
  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  std::int64_t last_ = 0;
  std::deque<NumberedEvent> events_;
};

}  // namespace controller
