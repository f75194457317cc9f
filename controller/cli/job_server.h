// The jobs that `serve` does for commands beside it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <set>

namespace controller {

/// Starts a process for every command that is handed over, with that command's own stdin, stdout
/// and stderr, tells it how the process went, and ends the process if it asks for that.  A command
/// that goes away changes nothing for its job.  Works in a thread of its own for as long as it
/// lives; jobs that go on then go on by themselves.
class JobServer {
 public:
  /// Throws as listen_for_commands() does.
  explicit JobServer(const std::filesystem::path& socket);
  JobServer(const JobServer&) = delete;
  JobServer& operator=(const JobServer&) = delete;
  ~JobServer();

  /// Asks all jobs to end, and takes no more.  Returns their processes.
  std::set<pid_t> end();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace controller
