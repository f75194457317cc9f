#include "controller/cli/asked_commands.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "controller/api/http_status.h"
#include "controller/cli/api_problems.h"
#include "controller/cli/settings.h"

namespace controller {

namespace {

constexpr int kMostLooks = 4;
constexpr int kMostWaiting = 8;
constexpr std::size_t kMostRunning = 24;  // jobs and looks: each is a process with its threads

FileDescriptor checked(int descriptor, const char* what) {
  if (descriptor < 0) {
    throw std::system_error(errno, std::generic_category(), what);
  }
  return FileDescriptor(descriptor);
}

FileDescriptor nothing() {
  return checked(::open("/dev/null", O_RDWR | O_CLOEXEC), "cannot open /dev/null");
}

/// What a process writes is kept in memory.
FileDescriptor memory() {
  return checked(::memfd_create("output", MFD_CLOEXEC), "cannot keep what a command prints");
}

std::string written(const FileDescriptor& file) {
  std::string text;
  std::array<char, 4096> bytes{};
  ::lseek(file.fd(), 0, SEEK_SET);
  for (ssize_t size = 0; (size = ::read(file.fd(), bytes.data(), bytes.size())) > 0;) {
    text.append(bytes.data(), static_cast<std::size_t>(size));
  }
  return text;
}

/// What it says last, as the program itself says it; it may have several lines.
std::string complaint(const std::string& errors) {
  const std::string prefix = "\ncofferdam: ";
  const auto text = "\n" + errors.substr(0, errors.find_last_not_of('\n') + 1);
  const auto at = text.rfind(prefix);
  return at == std::string::npos ? "it ended without a word" : text.substr(at + prefix.size());
}

/// With a log that people read: the complaint is taken from it.
std::vector<std::string> with_plain_log(std::vector<std::string> environment) {
  std::erase_if(environment,
                [](const std::string& one) { return one.starts_with("COFFERDAM_LOG_FORMAT"); });
  return environment;
}

/// The first that is told of the job; an empty one if its process ended without.
JobNotice first_notice(const FileDescriptor& notices) {
  std::string line;
  for (;;) {
    char one = 0;
    const auto size = ::read(notices.fd(), &one, 1);
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size != 1) {
      return {};
    }
    if (one == '\n') {
      return notice_of_message(line);
    }
    line += one;
  }
}

ApiProblem too_busy() {
  return {http_status::kUnavailable,
          "too-busy",
          "so much was asked for already that this has to come later",
          {{"Retry-After", "10"}}};
}

void wait_until_ended(pid_t process) {
  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(process), &ended, WEXITED | WNOWAIT) != 0 &&
         errno == EINTR) {
  }
}

}  // namespace

AskedCommands::Place AskedCommands::begin(const std::vector<std::string>& words,
                                          std::vector<std::string> environment,
                                          const std::string& started_by,
                                          const JobChannels& channels) {
  const std::scoped_lock lock(mutex_);
  if (ending_) {
    throw ApiProblem(http_status::kUnavailable, "ending", "the sidecar is about to end");
  }
  if (running_.size() >= kMostRunning) {
    throw too_busy();
  }
  return running_.emplace(
      running_.end(),
      JobRequest{words, with_plain_log(std::move(environment)), std::filesystem::current_path()},
      started_by, channels);
}

int AskedCommands::wait(Place place) {
  // Not reaped before the lock is held, so that end() asks nobody else.
  wait_until_ended(place->process.pid());
  const std::scoped_lock lock(mutex_);
  const int code = place->process.wait();
  running_.erase(place);
  return code;
}

void AskedCommands::leave(Place place) {
  const std::scoped_lock lock(mutex_);
  place->watched = false;
}

JobNotice AskedCommands::start(const std::vector<std::string>& words,
                               const std::string& started_by) {
  reap();
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
  }
  const FileDescriptor notices(ends[0]);
  FileDescriptor theirs(ends[1]);
  const auto input = nothing();
  auto errors = memory();
  const auto place =
      begin(words, of_jobs_(), started_by, {input.fd(), input.fd(), errors.fd(), theirs.fd()});
  theirs.reset();
  const auto notice = first_notice(notices);
  if (!notice.state.empty()) {
    leave(place);
    return notice;
  }
  const int code = wait(place);
  throw problem_of(static_cast<ExitCode>(code), complaint(written(errors)));
}

// Whoever puts a config file back that is gone wants to look.
std::string AskedCommands::look(const std::vector<std::string>& words) {
  return printed(words, own_environment());
}

void AskedCommands::change(const std::vector<std::string>& words) {
  printed(words, of_jobs_());
}

std::string AskedCommands::printed(const std::vector<std::string>& words,
                                   std::vector<std::string> environment) {
  {
    std::unique_lock lock(mutex_);
    if (waiting_ >= kMostWaiting) {
      throw too_busy();
    }
    ++waiting_;
    free_.wait(lock, [this] { return looks_ < kMostLooks; });
    --waiting_;
    ++looks_;
  }
  const auto release = [this](void*) {
    const std::scoped_lock lock(mutex_);
    --looks_;
    free_.notify_one();
  };
  const std::unique_ptr<void, decltype(release)> one(this, release);
  const auto input = nothing();
  const auto output = memory();
  const auto errors = memory();
  const int code =
      wait(begin(words, std::move(environment), "api", {input.fd(), output.fd(), errors.fd(), -1}));
  if (code != 0) {
    throw problem_of(static_cast<ExitCode>(code), complaint(written(errors)));
  }
  return written(output);
}

void AskedCommands::reap() {
  const std::scoped_lock lock(mutex_);
  running_.remove_if([](Running& one) { return !one.watched && one.process.exit_code(); });
}

std::set<pid_t> AskedCommands::end() {
  const std::scoped_lock lock(mutex_);
  ending_ = true;
  std::set<pid_t> processes;
  for (auto& one : running_) {
    one.process.end();
    processes.insert(one.process.pid());
  }
  return processes;
}

}  // namespace controller
