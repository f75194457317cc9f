#include "controller/cli/job_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "controller/cli/handed_job.h"

namespace controller {

namespace {

constexpr int kPause = 1000;  // milliseconds, before it is tried again to accept a command

FileDescriptor new_event() {
  FileDescriptor event(::eventfd(0, EFD_CLOEXEC));
  if (!event) {
    throw std::system_error(errno, std::generic_category(), "cannot make an event");
  }
  return event;
}

}  // namespace

struct JobServer::State {
  explicit State(const std::filesystem::path& socket)
      : listener(listen_for_commands(socket)), end(new_event()) {}

  /// Waits for something to read, and reads it.  False: it is the end.
  bool turn() {
    auto watched = what_to_watch();
    ::poll(watched.data(), watched.size(), paused ? kPause : -1);
    paused = false;
    const std::scoped_lock lock(mutex);
    auto next = watched.begin();
    const auto ready = [&next] { return (next++)->revents != 0; };
    if (ready()) {
      return false;
    }
    if (ready()) {
      accept();
    }
    for (auto& job : jobs) {
      if (next == watched.end()) {
        break;  // it came just now
      }
      // One of them may have gone by what the other said.
      if (ready() && job.connection() >= 0) {
        job.hear_command(ending);
      }
      if (ready() && job.notices() >= 0) {
        job.hear_process();
      }
    }
    jobs.remove_if([](const HandedJob& job) { return job.over(); });
    return true;
  }

  std::vector<pollfd> what_to_watch() {
    const std::scoped_lock lock(mutex);
    std::vector<pollfd> watched = {{end.fd(), POLLIN, 0}, {paused ? -1 : listener.fd(), POLLIN, 0}};
    for (const auto& job : jobs) {
      watched.push_back({job.connection(), POLLIN, 0});
      watched.push_back({job.notices(), POLLIN, 0});
    }
    return watched;
  }

  void accept() {
    FileDescriptor connection(::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection) {
      jobs.emplace_back(std::move(connection));
    } else {
      // A command may have gone before it was heard.  Of anything else, descriptors that ran out
      // for one, poll would tell again at once.
      paused = errno != EINTR && errno != ECONNABORTED;
    }
  }

  FileDescriptor listener;
  FileDescriptor end;   // an event
  bool paused = false;  // the thread's
  std::mutex mutex;
  std::list<HandedJob> jobs;
  bool ending = false;
  std::thread thread;
};

JobServer::JobServer(const std::filesystem::path& socket)
    : state_(std::make_unique<State>(socket)) {
  state_->thread = std::thread([this] {
    while (state_->turn()) {
    }
  });
}

JobServer::~JobServer() {
  // Fails only for a number that is too large.
  ::eventfd_write(state_->end.fd(), 1);
  state_->thread.join();
}

std::set<pid_t> JobServer::end() {
  const std::scoped_lock lock(state_->mutex);
  state_->ending = true;
  std::set<pid_t> processes;
  for (auto& job : state_->jobs) {
    job.end();
    if (job.process() >= 0) {
      processes.insert(job.process());
    }
  }
  return processes;
}

}  // namespace controller
