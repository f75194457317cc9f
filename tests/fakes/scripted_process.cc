#include "tests/fakes/scripted_process.h"

#include <algorithm>
#include <exception>

#include "dockerapi/error.h"

namespace fakes {

namespace {

constexpr std::size_t kPipeCapacity = 64 * 1024;

class PipeStream : public dockerapi::Stream {
 public:
  PipeStream(std::shared_ptr<Pipes> pipes, bool with_stdin) : pipes_(std::move(pipes)) {
    pipes_->attach(with_stdin);
  }
  PipeStream(const PipeStream&) = delete;
  PipeStream& operator=(const PipeStream&) = delete;
  ~PipeStream() override { pipes_->detach(); }

  std::optional<dockerapi::Chunk> read() override { return pipes_->read_output(buffer_); }
  void write(std::string_view bytes) override { pipes_->write_input(bytes); }
  void close_stdin() override { pipes_->close_input(); }
  void cancel() noexcept override { pipes_->cancel(); }

 private:
  std::shared_ptr<Pipes> pipes_;
  std::string buffer_;
};

}  // namespace

void Pipes::attach(bool with_stdin) {
  const std::lock_guard lock(mutex_);
  if (attached_) {
    throw dockerapi::Error("the fake engine allows one attached client at a time");
  }
  attached_ = true;
  input_open_ = input_open_ && with_stdin;
}

void Pipes::detach() {
  const std::lock_guard lock(mutex_);
  attached_ = false;
  input_open_ = false;
  cancelled_ = false;
  disconnected_ = false;
  output_.clear();
  output_bytes_ = 0;
  changed_.notify_all();
}

std::optional<dockerapi::Chunk> Pipes::read_output(std::string& buffer) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return cancelled_ || disconnected_ || !output_.empty() || ended_; });
  if (cancelled_) {
    throw dockerapi::Cancelled("reading from a container was cancelled");
  }
  if (disconnected_) {
    throw dockerapi::Unreachable("the connection to the fake engine broke");
  }
  if (output_.empty()) {
    return std::nullopt;
  }
  const auto channel = output_.front().first;
  buffer = std::move(output_.front().second);
  output_.pop_front();
  output_bytes_ -= buffer.size();
  changed_.notify_all();
  return dockerapi::Chunk{channel, buffer};
}

void Pipes::write_input(std::string_view bytes) {
  std::unique_lock lock(mutex_);
  while (!bytes.empty()) {
    changed_.wait(lock, [this] {
      return cancelled_ || disconnected_ || ended_ || !reading_ || input_.size() < kPipeCapacity;
    });
    if (cancelled_) {
      throw dockerapi::Cancelled("writing to a container was cancelled");
    }
    if (disconnected_) {
      throw dockerapi::Unreachable("the connection to the fake engine broke");
    }
    if (ended_ || !reading_ || !input_open_) {
      throw dockerapi::Error("cannot write to the container: its stdin is closed");
    }
    const auto piece = bytes.substr(0, kPipeCapacity - input_.size());
    input_ += piece;
    bytes.remove_prefix(piece.size());
    changed_.notify_all();
  }
}

void Pipes::close_input() {
  const std::lock_guard lock(mutex_);
  input_open_ = false;
  changed_.notify_all();
}

void Pipes::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

std::string Pipes::read_input(std::size_t most) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return killed_ || !input_.empty() || !input_open_; });
  if (killed_) {
    throw Killed{};
  }
  std::string bytes = input_.substr(0, most);
  input_.erase(0, bytes.size());
  changed_.notify_all();
  return bytes;
}

void Pipes::write_output(dockerapi::Channel channel, std::string_view bytes) {
  std::unique_lock lock(mutex_);
  while (!bytes.empty()) {
    changed_.wait(lock, [this] { return killed_ || !attached_ || output_bytes_ < kPipeCapacity; });
    if (killed_) {
      throw Killed{};
    }
    if (!attached_) {
      return;
    }
    const auto piece = bytes.substr(0, kPipeCapacity - output_bytes_);
    output_.emplace_back(channel, piece);
    output_bytes_ += piece.size();
    bytes.remove_prefix(piece.size());
    changed_.notify_all();
  }
}

void Pipes::stop_reading() {
  const std::lock_guard lock(mutex_);
  reading_ = false;
  changed_.notify_all();
}

void Pipes::await_kill() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return killed_; });
  throw Killed{};
}

void Pipes::kill() {
  const std::lock_guard lock(mutex_);
  killed_ = true;
  changed_.notify_all();
}

void Pipes::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void Pipes::disconnect() {
  const std::lock_guard lock(mutex_);
  disconnected_ = attached_;
  input_open_ = false;
  changed_.notify_all();
}

Process::Process(dockerapi::Container container, std::vector<std::string> command,
                 std::vector<std::string> env, std::shared_ptr<Pipes> pipes)
    : container_(std::move(container)),
      command_(std::move(command)),
      env_(std::move(env)),
      pipes_(std::move(pipes)) {}

std::optional<std::string> Process::read_line() {
  for (;;) {
    const auto newline = ahead_.find('\n');
    if (newline != std::string::npos) {
      std::string line = ahead_.substr(0, newline);
      ahead_.erase(0, newline + 1);
      return line;
    }
    const std::string more = pipes_->read_input(kPipeCapacity);
    if (more.empty()) {
      return ahead_.empty() ? std::nullopt : std::optional(std::exchange(ahead_, {}));
    }
    ahead_ += more;
  }
}

std::string Process::read_all() {
  std::string all = std::exchange(ahead_, {});
  for (;;) {
    const std::string more = pipes_->read_input(kPipeCapacity);
    if (more.empty()) {
      return all;
    }
    all += more;
  }
}

void Process::write_stdout(std::string_view bytes) {
  pipes_->write_output(dockerapi::Channel::Stdout, bytes);
}

void Process::write_stderr(std::string_view bytes) {
  pipes_->write_output(dockerapi::Channel::Stderr, bytes);
}

void Process::run_until_killed() {
  pipes_->await_kill();
}

void Process::close_stdin() {
  pipes_->stop_reading();
}

int run_program(const Program& program, Process& process) {
  constexpr int kKilled = 137;
  try {
    try {
      return program(process);
    } catch (const std::exception& error) {
      process.write_stderr(error.what());
      return 1;
    }
  } catch (const Killed&) {
    return kKilled;
  }
}

std::unique_ptr<dockerapi::Stream> open_stream(std::shared_ptr<Pipes> pipes, bool with_stdin) {
  return std::make_unique<PipeStream>(std::move(pipes), with_stdin);
}

}  // namespace fakes
