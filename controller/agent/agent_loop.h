// How an agent works through the commands of its job.
#pragma once

#include <stop_token>
#include <string>

#include "controller/agent/agent_channel.h"

namespace controller {

/// What one kind of agent can do.
class AgentWork {
 public:
  virtual ~AgentWork() = default;

  /// Carries out one command, sending its messages, or throws.  Gives up (Interrupted) on `stop`.
  virtual void execute(const Command& command, const std::stop_token& stop) = 0;

  /// The tree that is (or was last) being worked on; empty if none is.
  [[nodiscard]] virtual std::string tree() const = 0;

  /// The controller is gone: leaves nothing half-done behind.
  virtual void abandon() = 0;
};

/// Answers Ready, then every command until `finish`.  Returns the exit code: 0 after finish, 1 if
/// the controller went away.
int work_through(AgentChannel& channel, AgentWork& work);

/// What an agent answers to a job line it cannot read: Failed, and exit code 2.
int refuse_job(AgentChannel& channel, const std::string& reason);

}  // namespace controller
