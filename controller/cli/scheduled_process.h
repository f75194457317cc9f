// A command of ours that `serve` has started.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace controller {

/// Runs `/proc/self/exe WORDS…` beside us, with our environment, output and privileges, in a
/// process group of its own: what a terminal sends to ours does not reach it.  Whoever owns this
/// ends it or waits for it; if neither, it goes on by itself.  For one thread.
class ScheduledProcess {
 public:
  /// `started_by` goes to the job book.  Throws std::system_error.
  ScheduledProcess(const std::vector<std::string>& words, const std::string& started_by);
  ScheduledProcess(const ScheduledProcess&) = delete;
  ScheduledProcess& operator=(const ScheduledProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }

  /// Its exit code once it has ended, 128 and the signal if it was killed; does not wait.
  std::optional<int> exit_code();

  /// Asks it to end in an orderly way; once, since it would end at once at the second time.
  void end();

 private:
  pid_t pid_ = -1;
  std::optional<int> code_;
  bool asked_ = false;
};

}  // namespace controller
