#include "plugin/docker_cli.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "controller/archive/file_descriptor.h"
#include "plugin/attended_run.h"
#include "plugin/spawned_line.h"

namespace plugin {

namespace {

using controller::FileDescriptor;

std::string everything(const FileDescriptor& file) {
  std::string text;
  std::array<char, 4096> bytes{};
  for (;;) {
    const auto got = ::read(file.fd(), bytes.data(), bytes.size());
    if (got > 0) {
      text.append(bytes.data(), static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EINTR) {
      return text;
    }
  }
}

bool succeeded(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) {
      return false;
    }
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

DockerCli::DockerCli(std::string program, std::vector<std::string> globals)
    : program_(std::move(program)), globals_(std::move(globals)) {}

std::vector<std::string> DockerCli::line(const std::vector<std::string>& words) const {
  std::vector<std::string> all = {program_};
  all.insert(all.end(), globals_.begin(), globals_.end());
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

std::optional<std::string> DockerCli::output(const std::vector<std::string>& words,
                                             Complaints complaints) const {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
  }
  const FileDescriptor from(ends[0]);
  FileDescriptor to(ends[1]);
  auto all = line(words);
  SpawnedLine spawned(all);
  spawned.silence(STDIN_FILENO);
  spawned.redirect(to.fd(), STDOUT_FILENO);
  if (complaints == Complaints::Hidden) {
    spawned.silence(STDERR_FILENO);
  }
  const auto child = spawned.start();
  to.reset();
  auto text = everything(from);
  return succeeded(child) ? std::optional(std::move(text)) : std::nullopt;
}

void DockerCli::become(const std::vector<std::string>& words) const {
  auto all = line(words);
  ::execvp(program_.c_str(), pointers(all).data());
  throw std::system_error(errno, std::generic_category(), "cannot run " + program_);
}

int DockerCli::attend(const std::vector<std::string>& words,
                      const std::string& farewell_socket) const {
  return attended_run(line(words), farewell_socket);
}

}  // namespace plugin
