#include "controller/cli/scheduled_process.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace controller {

namespace {

constexpr int kSignalled = 128;

/// What a spawned process starts with.
class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setpgroup(&attributes_, 0);
    // Our threads block the signals that end us; it waits for its own.
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }

  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> found;
  for (auto& text : texts) {
    found.push_back(text.data());
  }
  found.push_back(nullptr);
  return found;
}

}  // namespace

ScheduledProcess::ScheduledProcess(const std::vector<std::string>& words,
                                   const std::string& started_by) {
  std::vector<std::string> line = {"cofferdam"};
  line.insert(line.end(), words.begin(), words.end());
  std::vector<std::string> environment = {"COFFERDAM_STARTED_BY=" + started_by};
  for (char** entry = environ; entry && *entry; ++entry) {
    environment.emplace_back(*entry);
  }
  const Attributes attributes;
  const int problem = posix_spawn(&pid_, "/proc/self/exe", nullptr, attributes.get(),
                                  pointers(line).data(), pointers(environment).data());
  if (problem != 0) {
    throw std::system_error(problem, std::generic_category(), "cannot start a command of ours");
  }
}

std::optional<int> ScheduledProcess::exit_code() {
  int status = 0;
  if (!code_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
  }
  return code_;
}

void ScheduledProcess::end() {
  if (!exit_code() && !asked_) {
    asked_ = true;
    ::kill(pid_, SIGTERM);
  }
}

}  // namespace controller
