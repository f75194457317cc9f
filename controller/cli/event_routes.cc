#include <algorithm>
#include <memory>

#include "controller/api/event_frames.h"
#include "controller/api/http_status.h"
#include "controller/api/problem.h"
#include "controller/cli/api_routes.h"

namespace controller {

namespace {

constexpr std::chrono::seconds kHeartbeat{10};

/// One who follows, from a number on.
struct Follower {
  EventFeed& feed;
  std::function<bool()> still_allowed;
  std::shared_ptr<void> seat;
  std::shared_ptr<void> following;
  std::int64_t number = 0;
};

/// The next part of a stream.  False: it has come to its end.
bool go_on(Follower& follower, const BodyWriter& write) {
  const auto batch = follower.feed.wait(follower.number, kHeartbeat);
  if (batch.ended || !follower.still_allowed()) {
    return false;
  }
  const auto& boot = follower.feed.boot();
  std::string frames;
  if (!batch.events) {
    frames = resync_frame(boot, batch.last);
  } else if (batch.events->empty()) {
    frames = heartbeat_frame();
  } else {
    for (const auto& event : *batch.events) {
      frames += event_frame(boot, event);
    }
  }
  follower.number = batch.last;
  return write(frames);
}

/// Where the reader stopped.  Absent: it reads from now on.
std::optional<std::string> id_read(const ApiCall& call) {
  const auto header = call.request.header("last-event-id");
  return header.empty() ? std::nullopt : std::optional(header);
}

ApiAnswer stream_events(const ApiPlace& place, const ApiCall& call) {
  auto& feed = place.feed;
  auto seat = place.streams.take();
  if (!seat) {
    throw ApiProblem(http_status::kUnavailable, "too-many-streams",
                     "64 streams of events are open already; ask for /api/v1/events/recent",
                     {{"Retry-After", "5"}});
  }
  const auto follower = std::make_shared<Follower>(
      Follower{feed, call.still_allowed, std::move(seat), feed.follow(), feed.last()});
  const auto id = id_read(call);
  const auto number = id ? number_in(*id, feed.boot()) : std::nullopt;
  auto start = hello_frame(feed.boot(), follower->number, !id);
  if (number) {
    follower->number = *number;
  } else if (id) {
    start += resync_frame(feed.boot(), follower->number);
  }
  ApiAnswer answer;
  answer.type = "text/event-stream";
  answer.headers.emplace_back("X-Accel-Buffering", "no");
  answer.stream = [follower, start](const BodyWriter& write) {
    if (!write(start)) {
      return false;
    }
    while (go_on(*follower, write)) {
    }
    return true;
  };
  return answer;
}

/// For those who cannot keep a stream open.
ApiAnswer recent_events(const ApiPlace& place, const ApiCall& call) {
  auto& feed = place.feed;
  const auto following = feed.follow();
  const auto id = call.query.text("after");
  if (id.empty()) {
    const auto last = feed.last();
    return json_answer(events_json(feed.boot(), last, std::vector<NumberedEvent>{}));
  }
  if (id.find(':') == std::string::npos) {
    throw ApiProblem(http_status::kBadRequest, "bad-request",
                     "\"" + id + "\" is no id of an event");
  }
  const auto number = number_in(id, feed.boot());
  const auto batch = feed.wait(number.value_or(-1), std::chrono::milliseconds{0});
  return json_answer(events_json(feed.boot(), batch.last, number ? batch.events : std::nullopt));
}

}  // namespace

std::vector<Route> event_routes(const ApiPlace& place) {
  return {{"GET",
           "/api/v1/events",
           Scope::Read,
           "streamEvents",
           "What happens, as server-sent events",
           {},
           {},
           200,
           "text/event-stream",
           "",
           [place](const ApiCall& call) { return stream_events(place, call); }},
          {"GET",
           "/api/v1/events/recent",
           Scope::Read,
           "recentEvents",
           "What happened since an event, for those who cannot keep a stream open",
           {{"after", FieldKind::Text, false, "the id of the last event read (default: none yet)"}},
           {},
           200,
           "Events",
           "",
           [place](const ApiCall& call) { return recent_events(place, call); }}};
}

}  // namespace controller
