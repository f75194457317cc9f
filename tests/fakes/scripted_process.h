// Processes of the fake engine's containers: functions of the test, run on threads, that talk over
// in-memory pipes.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dockerapi/container.h"
#include "dockerapi/stream.h"

namespace fakes {

/// Comes out of a Process's calls once its container was stopped or killed: let it pass.
struct Killed {};

/// stdin, stdout and stderr of one process, and what became of either side.  As on an engine, a
/// full pipe blocks, output that nobody is attached to is lost, and a client that goes away closes
/// stdin.
class Pipes {
 public:
  /// With `open_stdin` the process waits for a client's input, else it sees EOF at once.
  explicit Pipes(bool open_stdin) : input_open_(open_stdin) {}

  /// Client's side.
  void attach(bool with_stdin);
  void detach();
  std::optional<dockerapi::Chunk> read_output(std::string& buffer);
  void write_input(std::string_view bytes);
  void close_input();
  void cancel();

  /// Process's side; throw Killed.
  std::string read_input(std::size_t most);
  void write_output(dockerapi::Channel channel, std::string_view bytes);
  void stop_reading();
  void await_kill();

  /// Engine's side.
  void kill();
  void end();         // the process exited: what it wrote can still be read
  void disconnect();  // the client's connection breaks

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string input_;
  std::deque<std::pair<dockerapi::Channel, std::string>> output_;
  std::size_t output_bytes_ = 0;
  bool attached_ = false;
  bool input_open_;      // a client may still write
  bool reading_ = true;  // the process may still read
  bool killed_ = false;
  bool ended_ = false;
  bool cancelled_ = false;
  bool disconnected_ = false;
};

/// What a scripted process sees of the world.
class Process {
 public:
  Process(dockerapi::Container container, std::vector<std::string> command,
          std::vector<std::string> env, std::shared_ptr<Pipes> pipes);

  [[nodiscard]] const dockerapi::Container& container() const { return container_; }

  /// argv: entrypoint and command of a container, or the exec's command.
  [[nodiscard]] const std::vector<std::string>& command() const { return command_; }

  /// Of an exec, its own environment only.
  [[nodiscard]] const std::vector<std::string>& env() const { return env_; }

  /// A line of stdin without its newline; absent at EOF.
  std::optional<std::string> read_line();

  /// Everything until EOF.
  std::string read_all();

  void write_stdout(std::string_view bytes);
  void write_stderr(std::string_view bytes);

  /// As a server would: until its container is stopped.
  void run_until_killed();

  /// The client's next write() fails.
  void close_stdin();

 private:
  dockerapi::Container container_;
  std::vector<std::string> command_;
  std::vector<std::string> env_;
  std::shared_ptr<Pipes> pipes_;
  std::string ahead_;  // read, but not yet asked for
};

/// Returns the exit code.  An exception ends it with code 1 and the text on stderr.
using Program = std::function<int(Process&)>;

/// Runs `program` to its end and returns its exit code, 137 if it was killed.
int run_program(const Program& program, Process& process);

/// The client's end of the pipes.
std::unique_ptr<dockerapi::Stream> open_stream(std::shared_ptr<Pipes> pipes, bool with_stdin);

}  // namespace fakes
