#include "tests/controller/hooks/fake_shell.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>

namespace {

constexpr std::size_t kWords = 4;  // of the wrapper, before the hook's own

const std::array<std::string, kWords> kWrapper = {"/bin/sh", "-c", "echo $$ >&2; exec \"$@\"",
                                                  "cofferdam-hook"};
const std::array<std::string, kWords> kKill = {"/bin/sh", "-c", "kill \"-$1\" \"-$2\"",
                                               "cofferdam-hook"};

bool begins_with(const std::vector<std::string>& command,
                 const std::array<std::string, kWords>& words) {
  return command.size() > kWords && std::equal(words.begin(), words.end(), command.begin());
}

}  // namespace

struct FakeShell::State {
  int run(fakes::Process& process);
  int kill(const std::string& signal, const std::string& process);

  std::map<std::string, fakes::Program> programs;
  std::set<std::string> deadly = {"TERM", "KILL"};
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> log;
  std::map<std::string, std::vector<std::string>> environments;
  int next_process = 4000;
  bool signalled = false;
};

FakeShell::FakeShell(fakes::FakeEngine& engine)
    : state_(std::make_shared<State>()), programs(state_->programs), deadly(state_->deadly) {
  for (const auto& container : engine.containers({})) {
    engine.add_path(container.id, "/bin/sh", 100);
  }
  engine.on_exec("/bin/sh", [state = state_](fakes::Process& process) {
    const auto& command = process.command();
    if (begins_with(command, kKill)) {
      return state->kill(command.at(kWords), command.at(kWords + 1));
    }
    return begins_with(command, kWrapper) ? state->run(process) : 2;
  });
}

int FakeShell::State::run(fakes::Process& process) {
  std::vector<std::string> words(process.command().begin() + kWords, process.command().end());
  if (words.size() == 3 && words[0] == "/bin/sh") {
    words = {words[2]};
  }
  std::string line;
  for (const auto& word : words) {
    line += (line.empty() ? "" : " ") + word;
  }
  {
    const std::scoped_lock lock(mutex);
    log.push_back(process.container().labels.at("com.docker.compose.service") + ": " + line);
    environments[words.front()] = process.env();
    process.write_stderr(std::to_string(++next_process) + "\n");
  }
  const auto found = programs.find(words.front());
  if (found == programs.end()) {
    process.write_stderr("sh: 1: exec: " + words.front() + ": not found\n");
    return 127;
  }
  return found->second(process);
}

int FakeShell::State::kill(const std::string& signal, const std::string& process) {
  const std::scoped_lock lock(mutex);
  log.push_back("kill " + signal + " " + process);
  if (deadly.contains(signal)) {
    signalled = true;
    changed.notify_all();
  }
  return 0;
}

int FakeShell::wait_for_signal() {
  constexpr int kTerminated = 143;
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [this] { return state_->signalled; });
  state_->signalled = false;
  return kTerminated;
}

std::vector<std::string> FakeShell::log() {
  const std::scoped_lock lock(state_->mutex);
  return state_->log;
}

std::vector<std::string> FakeShell::environment(const std::string& name) {
  const std::scoped_lock lock(state_->mutex);
  return state_->environments[name];
}
