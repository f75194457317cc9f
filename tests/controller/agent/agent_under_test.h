// An agent on a thread of its own, spoken to as its controller does.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "controller/agent/protocol.h"
#include "controller/archive/file_descriptor.h"

namespace controller {

class AgentUnderTest {
 public:
  using Run = std::function<int(int in_fd, int out_fd)>;

  explicit AgentUnderTest(const Run& run);
  AgentUnderTest(const AgentUnderTest&) = delete;
  AgentUnderTest& operator=(const AgentUnderTest&) = delete;
  ~AgentUnderTest();

  void send(const std::string& line);

  /// The next message; absent once the agent has ended.
  std::optional<Message> receive();

  /// Sends a command and collects what it answers, its Done or Failed last.
  std::vector<Message> run(const Command& command);

  /// Receives until one is of this kind; absent if the agent ended or the command did.
  template <typename Kind>
  std::optional<Kind> await() {
    while (auto message = receive()) {
      if (auto* const wanted = std::get_if<Kind>(&*message)) {
        return *wanted;
      }
    }
    return std::nullopt;
  }

  /// Closes the agent's stdin, as a controller does that dies.
  void hang_up();

  /// Sends SIGTERM, which this thread blocks from now on.
  void terminate();

  /// Its exit code, once it has ended.
  int exit_code();

 private:
  FileDescriptor in_;   // our end of the agent's stdin
  FileDescriptor out_;  // and of its stdout
  std::string unread_;
  int exit_code_ = -1;
  std::thread agent_;
};

/// The messages of one kind, in order.
template <typename Kind>
std::vector<Kind> only(const std::vector<Message>& messages) {
  std::vector<Kind> found;
  for (const auto& message : messages) {
    if (const auto* const wanted = std::get_if<Kind>(&message)) {
      found.push_back(*wanted);
    }
  }
  return found;
}

}  // namespace controller
