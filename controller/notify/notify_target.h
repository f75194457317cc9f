// Where people are told, and of what.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/notify/notify_event.h"
#include "controller/remote/secret.h"

namespace controller {

enum class NotifyService {
  Webhook,
  Ntfy,
  Gotify,
  Discord,
  Slack,
  Telegram,
  Apprise,
  Healthchecks,
  UptimeKuma,
  Smtp
};

/// "webhook", "ntfy", …
std::string to_string(NotifyService service);

struct NotifyTarget {
  std::string name;  // what the operator calls it
  NotifyService service = NotifyService::Webhook;
  std::string origin;  // "https://host:port"; no secret
  std::string host;    // of it
  Secret path;         // the rest of the URL that is asked, beginning with '/'; often a key
  Secret user;
  Secret password;
  Secret token;                                // ntfy: the topic; Gotify: the application's
  std::map<std::string, std::string> options;  // what the service is told besides: "priority"
  Secret signing_key;                          // of a webhook; empty: not signed

  std::set<NotifyKind> kinds;          // it is told of these
  std::vector<std::string> jobs;       // of these commands; empty: all
  std::vector<std::string> schedules;  // of what these started; empty: of everything
};

/// Whether the target wants to be told.  A test is always wanted; what is of no job is not limited
/// by `jobs` and `schedules`.
bool wants(const NotifyTarget& target, const NotifyEvent& event);

/// `text` with every secret of the target taken out: for what others say of a request.
std::string without_secrets(std::string text, const NotifyTarget& target);

}  // namespace controller
