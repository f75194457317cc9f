// Events as they go over the wire (https://html.spec.whatwg.org/multipage/server-sent-events.html).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/api/event_ring.h"

namespace controller {

/// A place in the events of one life of the sidecar: "k3v9q0ab:17".
std::string event_id(const std::string& boot, std::int64_t number);

/// The number in an id of that life.  Absent: it is of another, or no id.
std::optional<std::int64_t> number_in(std::string_view id, const std::string& boot);

/// The first of a stream: which life this is and where it stands, and when to come back.  `id` is
/// left out of it where older events follow.
std::string hello_frame(const std::string& boot, std::int64_t last, bool with_id);

/// What was missed is not known any more: look at everything again.
std::string resync_frame(const std::string& boot, std::int64_t last);

std::string event_frame(const std::string& boot, const NumberedEvent& event);

/// Keeps proxies from taking the stream for dead.
std::string heartbeat_frame();

/// The same for those who ask again and again: `last`, `missed` and the `events`.
std::string events_json(const std::string& boot, std::int64_t last,
                        const std::optional<std::vector<NumberedEvent>>& events);

}  // namespace controller
