#include "controller/agent/agent_channel.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <initializer_list>
#include <utility>

#include "controller/archive/system_call.h"

namespace controller {
namespace {

sigset_t signals_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) {
    sigaddset(&set, signal);
  }
  return set;
}

}  // namespace

AgentChannel::AgentChannel(int in, int out, std::chrono::milliseconds heartbeat)
    : in_(in), out_(out), heartbeat_(heartbeat), last_sent_(std::chrono::steady_clock::now()) {
  // Blocked, SIGTERM reaches the first process of a container too, which has no default action.
  const sigset_t blocked = signals_of({SIGTERM, SIGPIPE});
  ::pthread_sigmask(SIG_BLOCK, &blocked, &mask_before_);
  const sigset_t terminations = signals_of({SIGTERM});
  terminations_ = FileDescriptor(::signalfd(-1, &terminations, SFD_CLOEXEC | SFD_NONBLOCK));
  wake_ = FileDescriptor(::eventfd(0, EFD_CLOEXEC));
  if (!terminations_ || !wake_) {
    ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
    throw_errno("listen for", "signals");
  }
  listener_ = std::thread([this] { listen(); });
}

AgentChannel::~AgentChannel() {
  const std::uint64_t one = 1;
  // An eventfd takes 8 bytes at once or is full, which wakes as well.
  [[maybe_unused]] const ssize_t written = ::write(wake_.fd(), &one, sizeof(one));
  listener_.join();
  // A broken pipe of this thread has been dealt with; unblocking must not deliver it.
  const sigset_t pipes = signals_of({SIGPIPE});
  const timespec at_once{};
  ::sigtimedwait(&pipes, nullptr, &at_once);
  ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

std::optional<ReceivedLine> AgentChannel::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return gone_ || !lines_.empty(); });
  if (gone_) {
    return std::nullopt;
  }
  ReceivedLine line{std::move(lines_.front().text), lines_.front().cancel.get_token()};
  lines_.pop_front();
  return line;
}

bool AgentChannel::gone() const {
  const std::lock_guard lock(mutex_);
  return gone_;
}

void AgentChannel::listen() {
  for (;;) {
    std::array<pollfd, 3> watched{
        {{in_, POLLIN, 0}, {terminations_.fd(), POLLIN, 0}, {wake_.fd(), POLLIN, 0}}};
    const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(heartbeat_.count()));
    if (ready == 0) {
      beat();
      continue;
    }
    if (watched[2].revents != 0) {
      return;
    }
    if (watched[1].revents != 0) {
      signalfd_siginfo taken{};
      [[maybe_unused]] const ssize_t size = ::read(terminations_.fd(), &taken, sizeof(taken));
      lose();
      return;
    }
    if (watched[0].revents != 0 && !read_input()) {
      end_input();
      return;
    }
  }
}

// False at the end of the input.
bool AgentChannel::read_input() {
  std::array<char, 65536> bytes{};
  const ssize_t size = ::read(in_, bytes.data(), bytes.size());
  if (size < 0 && (errno == EINTR || errno == EAGAIN)) {
    return true;
  }
  if (size <= 0) {
    return false;
  }
  unread_.append(bytes.data(), static_cast<std::size_t>(size));
  take_lines();
  return true;
}

void AgentChannel::take_lines() {
  static const std::string kCancel = to_line(Command{"cancel", {}});
  const std::lock_guard lock(mutex_);
  for (auto end = unread_.find('\n'); end != std::string::npos; end = unread_.find('\n')) {
    std::string line = unread_.substr(0, end);
    unread_.erase(0, end + 1);
    if (line == kCancel) {
      // Of the command that came last, whether it has been begun or not.
      last_line_.request_stop();
    } else {
      last_line_ = std::stop_source();
      last_text_ = line;
      lines_.push_back({std::move(line), last_line_});
    }
  }
  changed_.notify_all();
}

// A controller that has said `finish` may leave; it is not gone.
void AgentChannel::end_input() {
  static const std::string kFinish = to_line(Command{"finish", {}});
  if (last_text_ != kFinish) {
    lose();
  }
}

void AgentChannel::lose() {
  const std::lock_guard lock(mutex_);
  gone_ = true;
  last_line_.request_stop();
  for (auto& line : lines_) {
    line.cancel.request_stop();
  }
  changed_.notify_all();
}

void AgentChannel::send(const Message& message) {
  const std::string line = to_line(message) + "\n";
  const std::lock_guard lock(sending_);
  if (const auto* const progress = std::get_if<ProgressMessage>(&message)) {
    last_progress_ = *progress;
  } else {
    last_progress_.reset();
  }
  last_sent_ = std::chrono::steady_clock::now();
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t size = ::write(out_, line.data() + sent, line.size() - sent);
    if (size < 0 && errno != EINTR) {
      lose();
      return;
    }
    sent += static_cast<std::size_t>(size > 0 ? size : 0);
  }
}

void AgentChannel::beat() {
  std::optional<ProgressMessage> progress;
  {
    const std::lock_guard lock(sending_);
    if (std::chrono::steady_clock::now() - last_sent_ >= heartbeat_) {
      progress = last_progress_;
    }
  }
  if (progress) {
    send(*progress);
  }
}

}  // namespace controller
