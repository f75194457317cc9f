#include "controller/agent/conversation.h"

#include <variant>

namespace controller {

namespace {

[[noreturn]] void rethrow(const FailedMessage& failed) {
  const std::string text = failed.tree.empty() ? failed.text : failed.tree + ": " + failed.text;
  switch (failed.kind) {
    case FailedMessage::Kind::NoSpace:
      throw NoSpace(text);
    case FailedMessage::Kind::Integrity:
      throw IntegrityError(text);
    case FailedMessage::Kind::Interrupted:
      throw Interrupted(text);
    case FailedMessage::Kind::Failed:
      break;
  }
  throw AgentError(text);
}

}  // namespace

Conversation::Conversation(dockerapi::Engine& engine, const AgentImage& image,
                           const AgentSpec& spec, const std::string& job)
    : agent_(engine, image, spec), role_(spec.role) {
  agent_.send(job);
  const Message first = next();
  if (const auto* failed = std::get_if<FailedMessage>(&first)) {
    rethrow(*failed);
  }
  if (!std::holds_alternative<ReadyMessage>(first)) {
    throw AgentError("the " + role_ + " agent did not say that it is ready");
  }
}

void Conversation::run(const Command& command,
                       const std::function<void(const Message&)>& on_message,
                       std::stop_token stop) {
  const std::stop_callback cancel(stop, [this]() noexcept { agent_.cancel(); });
  try {
    send(command);
    while (true) {
      const Message message = next();
      if (std::holds_alternative<DoneMessage>(message)) {
        return;
      }
      if (const auto* failed = std::get_if<FailedMessage>(&message)) {
        rethrow(*failed);
      }
      on_message(message);
    }
  } catch (const dockerapi::Cancelled&) {
    throw Interrupted("cancelled");
  }
}

void Conversation::finish() {
  send({"finish", {}});
  const Message last = next();
  if (const auto* failed = std::get_if<FailedMessage>(&last)) {
    rethrow(*failed);
  }
  if (!std::holds_alternative<DoneMessage>(last)) {
    throw AgentError("the " + role_ + " agent did not confirm its end");
  }
  const int code = agent_.finish();
  if (code != 0) {
    throw AgentError("the " + role_ + " agent exited with " + std::to_string(code) + ": " +
                     agent_.complaints());
  }
}

void Conversation::send(const Command& command) {
  if (!end_.empty()) {
    throw AgentError(end_);
  }
  agent_.send(to_line(command));
}

Message Conversation::next() {
  const auto line = agent_.receive();
  if (!line) {
    ended_early();
  }
  try {
    return message_from(*line);
  } catch (const std::invalid_argument& error) {
    throw AgentError("the " + role_ + " agent said what we do not understand: " + error.what());
  }
}

void Conversation::ended_early() {
  end_ = "the " + role_ + " agent ended";  // also if nobody can say how
  const int code = agent_.finish();
  end_ = "the " + role_ + " agent ended without its closing record, exit code " +
         std::to_string(code) + (code == 137 ? " (killed; out of memory?)" : std::string()) + ": " +
         agent_.complaints();
  throw AgentError(end_);
}

}  // namespace controller
