// A command of ours that does a job beside us.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace controller {

/// Where such a process finds the pipe on which it says that its job is accepted, if its
/// environment has COFFERDAM_NOTICES.
constexpr int kNoticesFd = 3;

struct JobRequest {
  std::vector<std::string> words;        // after "cofferdam"
  std::vector<std::string> environment;  // "NAME=value"
  std::filesystem::path folder = "/";    // where it runs
};

/// Descriptors that the process is given; they stay ours, too.
struct JobChannels {
  int input = 0;
  int output = 1;
  int errors = 2;
  int notices = -1;  // none
};

/// What this process was started with.
std::vector<std::string> own_environment();

/// Whether this process is itself one that `serve` or a command has started.
bool started_by_another();

/// Runs `/proc/self/exe WORDS…` with our privileges, in a process group of its own: what a terminal
/// sends to ours does not reach it.  Whoever owns this ends it or waits for it; if neither, it goes
/// on by itself.  For one thread.
class JobProcess {
 public:
  /// `started_by` goes to the job book.  Throws std::system_error.
  JobProcess(const JobRequest& request, const std::string& started_by, const JobChannels& channels);
  JobProcess(const JobProcess&) = delete;
  JobProcess& operator=(const JobProcess&) = delete;
  ~JobProcess() = default;

  [[nodiscard]] pid_t pid() const { return pid_; }

  /// Its exit code once it has ended, 128 and the signal if it was killed; does not wait.
  std::optional<int> exit_code();

  /// Waits for its end.
  int wait();

  /// Asks it to end in an orderly way, however often this is called: once.
  void end();

 private:
  void reap(int options);

  pid_t pid_ = -1;
  std::optional<int> code_;
  bool asked_ = false;
};

}  // namespace controller
