#include "controller/cli/hand_over.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <system_error>
#include <utility>

#include "controller/cli/control_socket.h"
#include "controller/cli/handed_job.h"
#include "controller/cli/job_views.h"

namespace controller {

namespace {

JobRequest request_of(const std::vector<std::string>& words) {
  return {words, own_environment(), std::filesystem::current_path()};
}

/// The connection over which `serve` has heard it; absent if it is not alive.
std::optional<FileDescriptor> tell_serve(const CommandContext& context, const JobRequest& request,
                                         const std::array<int, 3>& descriptors) {
  auto connection = connect_to_serve(control_socket(context.settings));
  if (!connection || !send_message(connection->fd(), to_message(request), descriptors)) {
    return std::nullopt;
  }
  return connection;
}

/// The next that is told of the job.
JobNotice next_notice(const FileDescriptor& connection) {
  if (const auto message = receive_message(connection.fd())) {
    return notice_of_message(message->text);
  }
  return {{}, {}, {}, "cofferdam serve is gone; `cofferdam jobs` tells how the job went"};
}

/// The terminal is gone: then this process ends, and the job goes on.
void let_hangup_end_us() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

int report_problem(const std::string& problem) {
  complain("cofferdam: " + problem);
  return static_cast<int>(ExitCode::Failed);
}

struct Pipe {
  FileDescriptor ours;
  FileDescriptor theirs;
};

Pipe new_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
  }
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

std::string read_all(const FileDescriptor& pipe) {
  std::string text;
  std::array<char, 4096> bytes{};
  for (ssize_t size = 0; (size = ::read(pipe.fd(), bytes.data(), bytes.size())) > 0;) {
    text.append(bytes.data(), static_cast<std::size_t>(size));
  }
  return text;
}

/// Starts the process ourselves; the first that is told of its job.
JobNotice start_alone(const JobRequest& request, const std::array<int, 3>& descriptors) {
  auto notices = new_pipe();
  JobProcess process(request, "cli",
                     {descriptors[0], descriptors[1], descriptors[2], notices.theirs.fd()});
  notices.theirs.reset();
  std::string line;
  for (char one = 0; ::read(notices.ours.fd(), &one, 1) == 1;) {
    if (one == '\n') {
      return notice_of_message(line);
    }
    line += one;
  }
  return {{}, {}, process.wait(), {}};
}

}  // namespace

std::optional<int> hand_over(const CommandContext& context, const std::vector<std::string>& words) {
  const auto connection =
      tell_serve(context, request_of(words), {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO});
  if (!connection) {
    return std::nullopt;
  }
  let_hangup_end_us();
  const std::stop_callback cancel(context.stop, [&] {
    send_message(connection->fd(), kCancelMessage);
    complain("cancelling; a second Ctrl-C leaves that to serve");
  });
  for (;;) {
    const auto notice = next_notice(*connection);
    if (!notice.problem.empty()) {
      return report_problem(notice.problem);
    }
    if (notice.exit_code) {
      return notice.exit_code;
    }
  }
}

int detach(const CommandContext& context, const std::vector<std::string>& words) {
  const FileDescriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  auto errors = new_pipe();
  const auto request = request_of(words);
  const std::array<int, 3> descriptors{nothing.fd(), nothing.fd(), errors.theirs.fd()};
  const auto connection = tell_serve(context, request, descriptors);
  const auto notice = connection ? next_notice(*connection) : start_alone(request, descriptors);
  errors.theirs.reset();
  if (!notice.problem.empty()) {
    return report_problem(notice.problem);
  }
  if (notice.exit_code) {  // it ended before anybody accepted it
    const auto said = read_all(errors.ours);
    complain(said.substr(0, said.find_last_not_of('\n') + 1));
    return *notice.exit_code;
  }
  print(context.output.json ? accepted_json(notice.job, notice.state) : notice.job + "\n");
  return static_cast<int>(ExitCode::Success);
}

}  // namespace controller
