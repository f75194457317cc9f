// What a service is sent: decisions without effects.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/notify/notify_event.h"
#include "controller/notify/notify_target.h"
#include "controller/remote/secret.h"

namespace controller {

/// One attempt to tell one target of one event.
struct NotifyAttempt {
  std::string delivery;         // the same at every attempt
  std::chrono::sys_seconds at;  // now
};

struct WebRequest {
  std::string method;
  Secret url;
  std::map<std::string, Secret> headers;
  std::string body;
};

/// Absent: the service has no word for such an event.  `target` is not a mail server.
std::optional<WebRequest> web_request(const NotifyTarget& target, const NotifyEvent& event,
                                      const NotifyAttempt& attempt);

struct Mail {
  std::string from;
  std::vector<std::string> to;
  std::string text;  // headers and body; lines end with CRLF
};

Mail mail(const NotifyTarget& target, const NotifyEvent& event, const NotifyAttempt& attempt);

}  // namespace controller
