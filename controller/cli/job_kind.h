// Which commands are jobs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace controller {

/// What the job book, notifications and metrics know a command as.  Absent: it changes nothing and
/// does not take long, so that nobody keeps a record of it.
std::optional<std::string> job_kind_of(std::string_view command);

}  // namespace controller
