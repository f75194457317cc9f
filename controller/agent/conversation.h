// A job's talk with its agent: one command at a time, its messages, its end.
#pragma once

#include <functional>
#include <stdexcept>
#include <stop_token>
#include <string>

#include "controller/agent/agent_container.h"
#include "controller/agent/protocol.h"

namespace controller {

/// The agent could not do what it was told, or ended without saying so.
class AgentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Conversation {
 public:
  /// Starts the agent, sends `job` and waits until it is ready.  Throws AgentError,
  /// dockerapi::Error.
  Conversation(dockerapi::Engine& engine, const AgentImage& image, const AgentSpec& spec,
               const std::string& job);

  /// Runs `command` to its end.  Throws NoSpace, IntegrityError, Interrupted or AgentError as the
  /// agent says, AgentError if it ends without its closing record or has ended before, Interrupted
  /// after `stop`.
  void run(const Command& command, const std::function<void(const Message&)>& on_message,
           std::stop_token stop);

  /// Ends the agent.  Throws AgentError unless it finished its work and exited with 0.
  void finish();

 private:
  void send(const Command& command);
  Message next();
  [[noreturn]] void ended_early();

  AgentContainer agent_;
  std::string role_;
  std::string end_;  // how it ended early; empty: it has not
};

}  // namespace controller
