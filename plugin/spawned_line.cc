#include "plugin/spawned_line.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <csignal>
#include <system_error>

namespace plugin {

struct SpawnedLine::Attributes {
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t process{};
};

std::vector<char*> pointers(std::vector<std::string>& line) {
  std::vector<char*> all;
  all.reserve(line.size() + 1);
  for (auto& word : line) {
    all.push_back(word.data());
  }
  all.push_back(nullptr);
  return all;
}

SpawnedLine::SpawnedLine(std::vector<std::string>& line)
    : line_(line), attributes_(std::make_unique<Attributes>()) {
  ::posix_spawn_file_actions_init(&attributes_->files);
  ::posix_spawnattr_init(&attributes_->process);
}

SpawnedLine::~SpawnedLine() {
  ::posix_spawn_file_actions_destroy(&attributes_->files);
  ::posix_spawnattr_destroy(&attributes_->process);
}

void SpawnedLine::redirect(int ours, int theirs) {
  ::posix_spawn_file_actions_adddup2(&attributes_->files, ours, theirs);
}

void SpawnedLine::silence(int theirs) {
  ::posix_spawn_file_actions_addopen(&attributes_->files, theirs, "/dev/null", O_RDWR, 0);
}

void SpawnedLine::apart() {
  sigset_t none;
  sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes_->process, &none);
  ::posix_spawnattr_setpgroup(&attributes_->process, 0);
  ::posix_spawnattr_setflags(&attributes_->process, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
}

pid_t SpawnedLine::start() {
  pid_t process = 0;
  const int error = ::posix_spawnp(&process, line_.front().c_str(), &attributes_->files,
                                   &attributes_->process, pointers(line_).data(), environ);
  if (error != 0) {
    throw std::system_error(error, std::generic_category(), "cannot run " + line_.front());
  }
  return process;
}

}  // namespace plugin
