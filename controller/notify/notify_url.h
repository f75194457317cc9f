// Targets written as URLs, as shoutrrr has them.
#pragma once

#include <string_view>
#include <vector>

#include "controller/notify/notify_target.h"

namespace controller {

/// docs/notifications.md has the table of what is understood.  What follows '#' is ours and not the
/// service's: "#name=phone&on=failed,success&jobs=create&schedules=nightly&secret=…".  Several
/// where a Telegram URL names several chats.  Without a name a target has its service's; without
/// `on`, a monitor is told of every `create` and everybody else of what went wrong.
///
/// Throws std::invalid_argument that says what is missing or impossible and never quotes the URL
/// but its scheme.
std::vector<NotifyTarget> parse_notify_url(std::string_view url);

/// A comma-separated list: what `on` may say.  Throws std::invalid_argument.
std::set<NotifyKind> notify_kinds(std::string_view words);

/// "a, b" and "a b" as {"a", "b"}.
std::vector<std::string> listed_words(std::string_view text);

}  // namespace controller
