// One job that a command has handed to `serve`, and what the two say to each other about it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>

#include "controller/archive/file_descriptor.h"
#include "controller/cli/control_socket.h"
#include "controller/cli/job_process.h"

namespace controller {

/// What a command wants, as one message; any bytes but NUL may be in it.
std::string to_message(const JobRequest& request);

/// Absent if `text` is no such message.
std::optional<JobRequest> request_of_message(const std::string& text);

/// The command wants its job to end in an orderly way.
constexpr const char* kCancelMessage = "cancel";

/// What is said about a job, by its process to `serve` and by `serve` to the command.
struct JobNotice {
  std::string job;               // it is accepted under this id, if not empty
  std::string state;             // then "queued" or "running"
  std::optional<int> exit_code;  // it has ended
  std::string problem;           // it could not be started

  friend bool operator==(const JobNotice&, const JobNotice&) = default;
};

/// JSON on one line.
std::string to_message(const JobNotice& notice);

/// An empty one if `text` is none.
JobNotice notice_of_message(const std::string& text);

/// A connection, and once its command has said what it wants, a process.  For one thread.
class HandedJob {
 public:
  explicit HandedJob(FileDescriptor connection) : connection_(std::move(connection)) {}

  /// What is to be watched for reading; -1: nothing any more.
  [[nodiscard]] int connection() const { return connection_.fd(); }
  [[nodiscard]] int notices() const { return notices_.fd(); }

  /// -1: none.
  [[nodiscard]] pid_t process() const { return process_ ? process_->pid() : -1; }

  /// Hears the command.  Starts nothing if `ending`.
  void hear_command(bool ending);

  /// Hears the process.
  void hear_process();

  /// Asks the process to end, once.
  void end();

  /// Neither command nor process is left.
  [[nodiscard]] bool over() const { return !process_ && !connection_; }

 private:
  void start(const Message& message);
  void say(const std::string& text);
  void refuse(const std::string& problem);

  FileDescriptor connection_;
  FileDescriptor notices_;
  std::string unfinished_;  // of a notice that has not come whole yet
  std::optional<JobProcess> process_;
};

}  // namespace controller
