// A job's progress for scripts: one JSON object a line.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "controller/reporter.h"

namespace controller {

/// Where the lines go, and the time; tests stand in for both.
struct JsonOutput {
  std::function<void(const std::string& line)> write;  // without its newline; must not throw
  std::function<std::chrono::steady_clock::time_point()> now;
};

/// Of each component its first progress, then at most four a second, and its end in any case.
/// `quiet` leaves only warnings.
std::unique_ptr<Reporter> make_json_view(bool quiet, JsonOutput output);

}  // namespace controller
