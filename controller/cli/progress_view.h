// A job's progress for people: bars on a terminal, lines elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "controller/cli/output.h"
#include "controller/reporter.h"

namespace controller {

/// Where it is shown, and the time; tests stand in for both.
struct ProgressOutput {
  std::function<void(std::string_view)> write;
  std::function<std::chrono::steady_clock::time_point()> now;
  std::size_t columns = 80;  // of the terminal
};

/// On a terminal one bar with rate and time left, drawn anew ten times a second at most; otherwise
/// a line every 30 s.  Phases and warnings are lines of their own; quiet leaves only warnings.
std::unique_ptr<Reporter> make_progress_view(const OutputOptions& options, ProgressOutput output);

}  // namespace controller
