#include "controller/agent/agent_loop.h"

#include <exception>

namespace controller {
namespace {

constexpr int kFinished = 0;
constexpr int kAbandoned = 1;
constexpr int kRefused = 2;

FailedMessage::Kind kind_of(const std::exception& error) {
  if (dynamic_cast<const NoSpace*>(&error) != nullptr) {
    return FailedMessage::Kind::NoSpace;
  }
  if (dynamic_cast<const IntegrityError*>(&error) != nullptr) {
    return FailedMessage::Kind::Integrity;
  }
  if (dynamic_cast<const Interrupted*>(&error) != nullptr) {
    return FailedMessage::Kind::Interrupted;
  }
  return FailedMessage::Kind::Failed;
}

// The boundary of a command: what it throws is its answer.
void answer(AgentChannel& channel, AgentWork& work, const ReceivedLine& line) {
  Command command;
  try {
    command = command_from(line.text);
    work.execute(command, line.cancelled);
    channel.send(DoneMessage{command.name});
  } catch (const std::exception& error) {
    channel.send(FailedMessage{command.name, work.tree(), kind_of(error), error.what()});
  }
}

bool is_finish(const std::string& line) {
  return line == to_line(Command{"finish", {}});
}

}  // namespace

int work_through(AgentChannel& channel, AgentWork& work) {
  channel.send(ReadyMessage{});
  while (const auto line = channel.next()) {
    if (is_finish(line->text)) {
      channel.send(DoneMessage{"finish"});
      return kFinished;
    }
    answer(channel, work, *line);
  }
  work.abandon();
  return kAbandoned;
}

int refuse_job(AgentChannel& channel, const std::string& reason) {
  channel.send(FailedMessage{"", "", FailedMessage::Kind::Failed, reason});
  return kRefused;
}

}  // namespace controller
