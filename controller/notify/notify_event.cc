#include "controller/notify/notify_event.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "controller/units.h"

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 9> kKinds = {"started",  "success",     "recovered",
                                                    "degraded", "failed",      "cancelled",
                                                    "overdue",  "storage_low", "test"};

std::string predicate(const NotifyEvent& event) {
  switch (event.kind) {
    case NotifyKind::Started:
      return event.job_kind + " started";
    case NotifyKind::Success:
      return event.job_kind + " succeeded";
    case NotifyKind::Recovered:
      return event.job_kind + " succeeded again";
    case NotifyKind::Degraded:
      return event.job_kind + " is degraded";
    case NotifyKind::Failed:
      return event.job_kind + " failed";
    case NotifyKind::Cancelled:
      return event.job_kind + " was cancelled";
    case NotifyKind::Overdue:
      return event.started_by + " is overdue";
    case NotifyKind::StorageLow:
      return "the store is nearly full";
    case NotifyKind::Test:
      return "test of notifications";
  }
  return {};
}

std::string measures(const NotifyEvent& event) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (!event.snapshot.empty()) {
    add("snapshot " + event.snapshot);
  }
  if (event.bytes > 0) {
    add(human_bytes(event.bytes));
  }
  if (event.seconds > 0) {
    add("after " + human_duration(event.seconds));
  }
  if (event.downtime_seconds > 0) {
    add(human_duration(event.downtime_seconds) + " of downtime");
  }
  return text;
}

std::string origin(const NotifyEvent& event) {
  auto text = "on " + event.host + " at " + event.at;
  if (!event.job.empty()) {
    text += ", job " + event.job;
  }
  return event.started_by.empty() ? text : text + ", started by " + event.started_by;
}

}  // namespace

std::string to_string(NotifyKind kind) {
  return std::string(kKinds.at(static_cast<std::size_t>(kind)));
}

NotifyKind notify_kind(std::string_view word) {
  const auto found = std::ranges::find(kKinds, word);
  if (found == kKinds.end()) {
    std::string known;
    for (const auto kind : kKinds) {
      known += (known.empty() ? "" : ", ") + std::string(kind);
    }
    throw std::invalid_argument("\"" + std::string(word) + "\" is no event; there are " + known);
  }
  return static_cast<NotifyKind>(found - kKinds.begin());
}

std::string to_json(const NotifyEvent& event) {
  return Json{{"event", to_string(event.kind)},
              {"title", title_of(event)},
              {"job_kind", event.job_kind},
              {"job", event.job},
              {"started_by", event.started_by},
              {"project", event.project},
              {"snapshot", event.snapshot},
              {"host", event.host},
              {"at", event.at},
              {"duration_seconds", event.seconds},
              {"bytes", event.bytes},
              {"downtime_seconds", event.downtime_seconds},
              {"message", event.message}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

NotifyEvent notify_event_from_json(std::string_view json) {
  try {
    const auto root = Json::parse(json);
    const auto text = [&root](const char* name) { return root.value(name, std::string()); };
    return {notify_kind(text("event")),
            text("job_kind"),
            text("job"),
            text("started_by"),
            text("project"),
            text("snapshot"),
            text("host"),
            text("at"),
            root.value("duration_seconds", 0.0),
            root.value("bytes", std::uint64_t{0}),
            root.value("downtime_seconds", 0.0),
            text("message")};
  } catch (const Json::exception& error) {
    throw std::invalid_argument(std::string("not an event: ") + error.what());
  }
}

std::string title_of(const NotifyEvent& event) {
  return (event.project.empty() ? event.host : event.project) + ": " + predicate(event);
}

std::string text_of(const NotifyEvent& event) {
  std::string text;
  for (const auto& line : {event.message, measures(event), origin(event)}) {
    if (!line.empty()) {
      text += (text.empty() ? "" : "\n") + line;
    }
  }
  return text;
}

}  // namespace controller
