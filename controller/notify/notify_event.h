// What people and monitors are told.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace controller {

/// Recovered: the first success after a failure.  Cancelled: by a person; neither good nor bad.
/// StorageLow: of the store, not of a job.  Test: nothing happened.
enum class NotifyKind {
  Started,
  Success,
  Recovered,
  Degraded,
  Failed,
  Cancelled,
  Overdue,
  StorageLow,
  Test
};

/// "started", "success", …; the reverse throws std::invalid_argument that says which there are.
std::string to_string(NotifyKind kind);
NotifyKind notify_kind(std::string_view word);

struct NotifyEvent {
  NotifyKind kind = NotifyKind::Test;
  std::string job_kind;    // the command: "create"
  std::string job;         // its id; empty: there was none
  std::string started_by;  // "cli", "schedule nightly"
  std::string project;     // empty: not known
  std::string snapshot;    // empty: none, or not known
  std::string host;
  std::string at;  // RFC 3339
  double seconds = 0;
  std::uint64_t bytes = 0;      // of the snapshot
  double downtime_seconds = 0;  // the longest any service was down
  std::string message;          // why it failed or is degraded

  friend bool operator==(const NotifyEvent&, const NotifyEvent&) = default;
};

/// The webhook's body, and how the outbox keeps it; an object of one line.
std::string to_json(const NotifyEvent& event);

/// Fields that are missing are empty, unknown ones are ignored.  Throws std::invalid_argument.
NotifyEvent notify_event_from_json(std::string_view json);

/// "shop: create failed"
std::string title_of(const NotifyEvent& event);

/// What happened, in lines.
std::string text_of(const NotifyEvent& event);

}  // namespace controller
