// What a hook prints, made fit for the log.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "controller/reporter.h"
#include "dockerapi/stream.h"

namespace controller {

/// Hands a hook's output to the reporter line by line: without secrets, control characters escaped,
/// long lines cut, and no more than so many lines.
class HookOutput {
 public:
  /// `source` is whose output it is: the service.  `secrets` come longest first.
  HookOutput(Reporter& reporter, std::string source, std::vector<std::string> secrets);
  HookOutput(const HookOutput&) = delete;
  HookOutput& operator=(const HookOutput&) = delete;

  /// Passes last lines without an end on, too.
  ~HookOutput();

  void add(dockerapi::Channel channel, std::string_view bytes);

 private:
  struct Line {
    std::string text;  // its beginning
    bool cut = false;
  };

  void end_line(Line& line);

  Reporter& reporter_;
  std::string source_;
  std::vector<std::string> secrets_;
  Line standard_output_;
  Line standard_error_;
  std::size_t lines_ = 0;
};

}  // namespace controller
