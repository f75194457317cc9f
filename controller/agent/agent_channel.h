// An agent's end of the conversation with its controller.
#pragma once

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "controller/agent/protocol.h"
#include "controller/archive/file_descriptor.h"

namespace controller {

/// A line from the controller, and whether the controller has taken it back meanwhile.
struct ReceivedLine {
  std::string text;
  std::stop_token cancelled;
};

/// Lines in and out.  A thread listens all the time, so that a cancel, the end of stdin and SIGTERM
/// are noticed in the middle of any work: each stops the token of the line being worked on.
///
/// While one exists, SIGTERM and SIGPIPE are blocked in this thread and in those it starts.
class AgentChannel {
 public:
  /// Both descriptors stay the caller's.  A controller that hears nothing for `heartbeat` while
  /// work is under way is sent the last progress again.
  AgentChannel(int in, int out, std::chrono::milliseconds heartbeat);
  AgentChannel(const AgentChannel&) = delete;
  AgentChannel& operator=(const AgentChannel&) = delete;
  ~AgentChannel();

  /// The next line; absent once the controller is gone.
  std::optional<ReceivedLine> next();

  /// To a controller that is gone: does nothing.  Any thread.
  void send(const Message& message);

  /// The controller will not hear any more: end of its stdin, a broken pipe, or SIGTERM.
  [[nodiscard]] bool gone() const;

 private:
  struct Queued {
    std::string text;
    std::stop_source cancel;
  };

  void listen();
  bool read_input();
  void take_lines();
  void end_input();
  void lose();
  void beat();

  int in_;
  int out_;
  std::chrono::milliseconds heartbeat_;
  sigset_t mask_before_;
  FileDescriptor terminations_;  // signalfd: SIGTERM
  FileDescriptor wake_;          // eventfd: listen() is to return
  std::string unread_;           // the start of a line; the listening thread's
  std::string last_text_;        // of the line that came last; the listening thread's

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Queued> lines_;
  std::stop_source last_line_;  // of the line that came last, which a cancel means
  bool gone_ = false;

  std::mutex sending_;  // guards what follows, and the order on the wire
  std::optional<ProgressMessage> last_progress_;
  std::chrono::steady_clock::time_point last_sent_;

  std::thread listener_;
};

}  // namespace controller
