#include "tests/controller/agent/agent_under_test.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>

namespace controller {
namespace {

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("cannot make a pipe");
  }
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

}  // namespace

AgentUnderTest::AgentUnderTest(const Run& run) {
  Pipe to_agent = make_pipe();
  Pipe from_agent = make_pipe();
  in_ = std::move(to_agent.write);
  out_ = std::move(from_agent.read);
  agent_ =
      std::thread([this, run, in = std::move(to_agent.read), out = std::move(from_agent.write)] {
        exit_code_ = run(in.fd(), out.fd());
      });
}

AgentUnderTest::~AgentUnderTest() {
  hang_up();
  exit_code();
}

void AgentUnderTest::send(const std::string& line) {
  const std::string bytes = line + "\n";
  if (::write(in_.fd(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("the agent does not listen");
  }
}

std::optional<Message> AgentUnderTest::receive() {
  for (;;) {
    if (const auto end = unread_.find('\n'); end != std::string::npos) {
      const Message message = message_from(unread_.substr(0, end));
      unread_.erase(0, end + 1);
      return message;
    }
    std::array<char, 4096> bytes{};
    const ssize_t size = ::read(out_.fd(), bytes.data(), bytes.size());
    if (size <= 0) {
      return std::nullopt;
    }
    unread_.append(bytes.data(), static_cast<std::size_t>(size));
  }
}

std::vector<Message> AgentUnderTest::run(const Command& command) {
  send(to_line(command));
  std::vector<Message> messages;
  while (const auto message = receive()) {
    messages.push_back(*message);
    if (std::holds_alternative<DoneMessage>(*message) ||
        std::holds_alternative<FailedMessage>(*message)) {
      break;
    }
  }
  return messages;
}

void AgentUnderTest::hang_up() {
  in_.reset();
}

void AgentUnderTest::terminate() {
  // To the whole process, as an engine sends it; here only the agent's threads may take it.
  sigset_t terminations;
  sigemptyset(&terminations);
  sigaddset(&terminations, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &terminations, nullptr);
  ::kill(::getpid(), SIGTERM);
}

int AgentUnderTest::exit_code() {
  if (agent_.joinable()) {
    // An agent may not block on messages that nobody reads any more.
    while (receive()) {
    }
    agent_.join();
  }
  return exit_code_;
}

}  // namespace controller
