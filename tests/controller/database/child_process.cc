#include "tests/controller/database/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace {

/// The server refuses to run as root.
void leave_root() {
  if (::geteuid() != 0) {
    return;
  }
  const passwd* user = ::getpwnam("postgres");  // NOLINT(concurrency-mt-unsafe): after fork
  if (user == nullptr || ::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 ||
      ::setuid(user->pw_uid) != 0) {
    ::_exit(126);
  }
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> all;
  for (const auto& word : words) {
    all.push_back(const_cast<char*>(word.c_str()));
  }
  all.push_back(nullptr);
  return all;
}

std::string resolved(const std::string& program, const std::vector<std::string>& env) {
  if (program.find('/') != std::string::npos) {
    return program;
  }
  for (const auto& variable : env) {
    if (!variable.starts_with("PATH=")) {
      continue;
    }
    std::string_view path = std::string_view(variable).substr(5);
    while (!path.empty()) {
      const auto end = path.find(':');
      const auto candidate = std::string(path.substr(0, end)) + "/" + program;
      if (::access(candidate.c_str(), X_OK) == 0) {
        return candidate;
      }
      path = end == std::string_view::npos ? std::string_view() : path.substr(end + 1);
    }
  }
  return "";
}

void drain(int descriptor, const std::function<void(std::string_view)>& take) {
  std::array<char, 65536> buffer{};
  for (ssize_t size = ::read(descriptor, buffer.data(), buffer.size()); size > 0;
       size = ::read(descriptor, buffer.data(), buffer.size())) {
    take(std::string_view(buffer.data(), static_cast<std::size_t>(size)));
  }
  ::close(descriptor);
}

void feed(int descriptor, const std::function<std::string()>& next_input) {
  for (auto bytes = next_input(); !bytes.empty(); bytes = next_input()) {
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const auto written = ::write(descriptor, rest.data(), rest.size());
      if (written < 0) {
        ::close(descriptor);
        return;
      }
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  ::close(descriptor);
}

}  // namespace

int run_child(const std::vector<std::string>& command, const std::vector<std::string>& env,
              const std::function<std::string()>& next_input,
              const std::function<void(std::string_view)>& on_stdout,
              const std::function<void(std::string_view)>& on_stderr) {
  const auto program = resolved(command.front(), env);
  if (program.empty()) {
    on_stdout("exec: \"" + command.front() + "\": executable file not found in $PATH\r\n");
    return 127;
  }
  ::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  std::array<int, 2> errors{};
  if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0 ||
      ::pipe2(errors.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("pipe2 failed");
  }
  auto arguments = pointers(command);
  auto environment = pointers(env);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(input[0], STDIN_FILENO);
    ::dup2(output[1], STDOUT_FILENO);
    ::dup2(errors[1], STDERR_FILENO);
    ::signal(SIGPIPE, SIG_DFL);
    leave_root();
    ::execve(program.c_str(), arguments.data(), environment.data());
    ::_exit(126);
  }
  ::close(input[0]);
  ::close(output[1]);
  ::close(errors[1]);
  int status = 0;
  {
    const std::jthread out([&] { drain(output[0], on_stdout); });
    const std::jthread err([&] { drain(errors[0], on_stderr); });
    feed(input[1], next_input);
  }
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string output_of_child(const std::vector<std::string>& command) {
  std::string out;
  std::string err;
  const int code = run_child(
      command, {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"}, [] { return ""; },
      [&](std::string_view bytes) { out.append(bytes); },
      [&](std::string_view bytes) { err.append(bytes); });
  if (code != 0) {
    throw std::runtime_error(command.front() + ": " + out + err);
  }
  return out;
}

pid_t start_child(const std::vector<std::string>& command, int output) {
  auto arguments = pointers(command);
  const pid_t child = ::fork();
  if (child == 0) {
    // The server must not outlive a test that was killed.
    leave_root();
    ::prctl(PR_SET_PDEATHSIG, SIGINT);
    const int nowhere = ::open("/dev/null", O_RDWR);
    ::dup2(nowhere, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execv(arguments.front(), arguments.data());
    ::_exit(126);
  }
  return child;
}
