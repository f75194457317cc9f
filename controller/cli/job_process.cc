#include "controller/cli/job_process.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

#include "controller/cli/settings.h"

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

/// What becomes of descriptors on the way there.
class Actions {
 public:
  Actions(const JobChannels& channels, const std::filesystem::path& folder) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
    give(channels.input, STDIN_FILENO);
    give(channels.output, STDOUT_FILENO);
    give(channels.errors, STDERR_FILENO);
    if (channels.notices >= 0) {
      give(channels.notices, kNoticesFd);
    }
    posix_spawn_file_actions_addclosefrom_np(
        &actions_, channels.notices >= 0 ? kNoticesFd + 1 : STDERR_FILENO + 1);
  }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  ~Actions() { posix_spawn_file_actions_destroy(&actions_); }

  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  void give(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }

  posix_spawn_file_actions_t actions_{};
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

std::vector<std::string> own_environment() {
  std::vector<std::string> found;
  for (char** entry = environ; entry && *entry; ++entry) {
    found.emplace_back(*entry);
  }
  return found;
}

bool started_by_another() {
  return process_environment()("COFFERDAM_STARTED_BY").has_value();
}

JobProcess::JobProcess(const JobRequest& request, const std::string& started_by,
                       const JobChannels& channels) {
  std::vector<std::string> line = {"cofferdam"};
  line.insert(line.end(), request.words.begin(), request.words.end());
  std::vector<std::string> environment = {"COFFERDAM_STARTED_BY=" + started_by};
  if (channels.notices >= 0) {
    environment.emplace_back("COFFERDAM_NOTICES=1");
  }
  environment.insert(environment.end(), request.environment.begin(), request.environment.end());
  const Attributes attributes;
  const Actions actions(channels, request.folder);
  const int problem = posix_spawn(&pid_, "/proc/self/exe", actions.get(), attributes.get(),
                                  pointers(line).data(), pointers(environment).data());
  if (problem != 0) {
    throw std::system_error(problem, std::generic_category(), "cannot start a command of ours");
  }
}

void JobProcess::reap(int options) {
  int status = 0;
  if (!code_ && ::waitpid(pid_, &status, options) == pid_) {
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
  }
}

std::optional<int> JobProcess::exit_code() {
  reap(WNOHANG);
  return code_;
}

int JobProcess::wait() {
  reap(0);
  return code_.value_or(kSignalled);
}

void JobProcess::end() {
  if (!exit_code() && !asked_) {
    asked_ = true;
    ::kill(pid_, SIGTERM);
  }
}

}  // namespace controller
