// What the engine tells about its containers as it happens.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dockerapi {

struct Event {
  std::string kind;    // "container", "volume", …
  std::string action;  // "start", "die", "health_status: healthy", …
  std::string id;
  std::map<std::string, std::string> attributes;  // labels of the container among them
  std::int64_t time_ns = 0;                       // since 1970, the engine's clock
};

/// Empty vectors and maps do not filter.
struct EventFilter {
  std::vector<std::string> kinds;
  std::vector<std::string> actions;  // "health_status" matches all of its values
  std::map<std::string, std::string> labels;
};

/// A subscription.  One thread calls next(); cancel() may come from any thread.
class EventStream {
 public:
  virtual ~EventStream() = default;

  /// Blocks for the next event; absent when the engine ended the stream (it stops, or the
  /// connection broke) or after cancel().
  virtual std::optional<Event> next() = 0;

  virtual void cancel() noexcept = 0;

  /// When the subscription began, by the engine's clock, rounded down to a second.
  [[nodiscard]] virtual std::int64_t opened_ns() const = 0;
};

}  // namespace dockerapi
