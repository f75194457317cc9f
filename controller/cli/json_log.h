// The log as one JSON object a line, for those who collect logs.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "controller/reporter.h"

namespace controller {

/// What every line says of where it comes from; what is empty is left out.
struct LogOrigin {
  std::string job;
  std::string stack;
};

/// One line, without its newline: "ts", "level" ("info", "warn", "error"), "msg", and the origin.
std::string json_log_line(std::string_view level, const std::string& text, const LogOrigin& origin,
                          std::chrono::system_clock::time_point now);

struct JsonLogOutput {
  std::function<void(const std::string&)> write;
  std::function<std::chrono::system_clock::time_point()> now;
};

/// Lines also have the "phase" they belong to and the "component" they are about.  A component is
/// told of every 30 seconds and when it is done.
std::unique_ptr<Reporter> make_json_log(bool quiet, LogOrigin origin, JsonLogOutput output);

}  // namespace controller
