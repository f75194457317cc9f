#include "controller/api/event_frames.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

std::string frame(const std::string& id, const std::string& kind, const std::string& data) {
  return (id.empty() ? "" : "id: " + id + "\n") + "event: " + kind + "\ndata: " + data + "\n\n";
}

std::string standing(const std::string& boot, std::int64_t last) {
  return Json{{"schema", 1}, {"boot", boot}, {"last", event_id(boot, last)}}.dump();
}

}  // namespace

std::string event_id(const std::string& boot, std::int64_t number) {
  return boot + ":" + std::to_string(number);
}

std::optional<std::int64_t> number_in(std::string_view id, const std::string& boot) {
  if (!id.starts_with(boot + ":")) {
    return std::nullopt;
  }
  id.remove_prefix(boot.size() + 1);
  std::int64_t number = -1;
  const auto [end, problem] = std::from_chars(id.data(), id.data() + id.size(), number);
  const bool whole = problem == std::errc() && end == id.data() + id.size();
  return whole && number >= 0 ? std::optional(number) : std::nullopt;
}

std::string hello_frame(const std::string& boot, std::int64_t last, bool with_id) {
  return "retry: 2000\n" +
         frame(with_id ? event_id(boot, last) : "", "hello", standing(boot, last));
}

std::string resync_frame(const std::string& boot, std::int64_t last) {
  return frame(event_id(boot, last), "resync", standing(boot, last));
}

std::string event_frame(const std::string& boot, const NumberedEvent& event) {
  return frame(event_id(boot, event.number), event.event.kind, event.event.data);
}

std::string heartbeat_frame() {
  return ": still here\n\n";
}

std::string events_json(const std::string& boot, std::int64_t last,
                        const std::optional<std::vector<NumberedEvent>>& events) {
  auto list = Json::array();
  for (const auto& one : events.value_or(std::vector<NumberedEvent>{})) {
    list.push_back({{"id", event_id(boot, one.number)},
                    {"event", one.event.kind},
                    {"data", Json::parse(one.event.data)}});
  }
  return Json{{"last", event_id(boot, last)}, {"missed", !events}, {"events", list}}.dump() + "\n";
}

}  // namespace controller
