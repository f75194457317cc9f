#include "controller/hooks/hook_process.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "controller/archive/volume_archive.h"
#include "controller/hooks/deadline.h"
#include "dockerapi/exec_run.h"

namespace controller {

namespace {

constexpr const char* kShell = "/bin/sh";

/// Ends the process group of an exec by further execs.
class Terminator {
 public:
  Terminator(dockerapi::Engine& engine, const dockerapi::ContainerId& container,
             const HookCommand& command, dockerapi::Stream& stream)
      : engine_(engine), container_(container), command_(command), stream_(stream) {}

  /// The number of the process, as its container counts them; empty: it cannot be learnt.  The
  /// first word counts.  The engine makes every exec the leader of a session, and so of a group.
  void process_is(const std::string& number) {
    const std::scoped_lock lock(mutex_);
    if (!process_) {
      process_ = number;
      changed_.notify_all();
    }
  }

  /// Tries until the process has ended, or else gives the stream up.
  void end(Deadline& deadline) {
    struct Attempt {
      const char* signal;
      std::string user;
    };
    await_process();
    // Who may not signal it (it has changed its user) lets root try.
    for (const auto& attempt :
         {Attempt{"TERM", command_.user}, Attempt{"KILL", command_.user}, Attempt{"KILL", "0"}}) {
      if (sent(attempt.signal, attempt.user) && deadline.ended_within(command_.grace)) {
        return;
      }
    }
    goes_on_ = true;
    stream_.cancel();
  }

  /// After end(): whether the process could not be ended.
  [[nodiscard]] bool goes_on() const { return goes_on_; }

  [[nodiscard]] bool knows_process() const {
    const std::scoped_lock lock(mutex_);
    return process_ && !process_->empty();
  }

 private:
  /// It may have begun just now.
  void await_process() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, command_.grace, [this] { return process_.has_value(); });
  }

  /// False if nobody could be asked to send it.
  bool sent(const std::string& signal, const std::string& user) {
    if (!knows_process()) {
      return false;
    }
    constexpr std::size_t kMostOutput = 1000;
    dockerapi::ExecSpec spec;
    spec.command = {kShell, "-c", "kill \"-$1\" \"-$2\"", "cofferdam-hook", signal, *process_};
    spec.user = user;
    try {
      dockerapi::run_exec(engine_, container_, spec, "", kMostOutput);
      return true;
    } catch (const dockerapi::Error&) {
      return false;  // clean-up that goes on: the next attempt, or none, is told of by goes_on()
    }
  }

  dockerapi::Engine& engine_;
  const dockerapi::ContainerId& container_;
  const HookCommand& command_;
  dockerapi::Stream& stream_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::string> process_;
  bool goes_on_ = false;
};

bool has_shell(dockerapi::Engine& engine, const dockerapi::ContainerId& container,
               const HookCommand& command) {
  return command.argv.front() == kShell || engine.stat_path(container, kShell).has_value();
}

dockerapi::ExecSpec spec_of(const HookCommand& command, bool through_shell) {
  dockerapi::ExecSpec spec;
  if (through_shell) {
    spec.command = {kShell, "-c", "echo $$ >&2; exec \"$@\"", "cofferdam-hook"};
  }
  spec.command.insert(spec.command.end(), command.argv.begin(), command.argv.end());
  spec.env = command.env;
  spec.user = command.user;
  return spec;
}

bool is_process_number(const std::string& text) {
  const bool digits = std::all_of(text.begin(), text.end(),
                                  [](unsigned char one) { return one >= '0' && one <= '9'; });
  // The group -1 would be everybody, and 1 is the container's own.
  return digits && !text.empty() && text != "0" && text != "1";
}

/// Takes the shell's word off the beginning of stderr.
class ProcessLine {
 public:
  ProcessLine(bool expected, Terminator& terminator, HookOutput& output)
      : expected_(expected), terminator_(terminator), output_(output) {
    if (!expected) {
      terminator_.process_is("");
    }
  }
  ProcessLine(const ProcessLine&) = delete;
  ProcessLine& operator=(const ProcessLine&) = delete;

  /// At the end of the output.
  ~ProcessLine() {
    terminator_.process_is("");
    output_.add(dockerapi::Channel::Stderr, line_);
  }

  void add(const dockerapi::Chunk& chunk) {
    if (!expected_ || chunk.channel == dockerapi::Channel::Stdout) {
      output_.add(chunk.channel, chunk.bytes);
      return;
    }
    line_ += chunk.bytes;
    const auto end = line_.find('\n');
    if (end == std::string::npos) {
      return;
    }
    expected_ = false;
    if (is_process_number(line_.substr(0, end))) {
      terminator_.process_is(line_.substr(0, end));
      line_.erase(0, end + 1);
    }
    terminator_.process_is("");
    output_.add(dockerapi::Channel::Stderr, line_);
    line_.clear();
  }

 private:
  bool expected_;
  Terminator& terminator_;
  HookOutput& output_;
  std::string line_;
};

void read_to_end(dockerapi::Stream& stream, ProcessLine& lines) {
  try {
    while (const auto chunk = stream.read()) {
      lines.add(*chunk);
    }
  } catch (const dockerapi::Cancelled&) {
    // The deadline gave it up, and says why.
  }
}

std::string overdue(const HookCommand& command, const Terminator& terminator) {
  const auto text = overdue_text(command.timeout);
  if (!terminator.goes_on()) {
    return text + " and was ended";
  }
  return text + " and goes on in the container: " +
         (terminator.knows_process() ? "it could not be ended"
                                     : "without a /bin/sh in it nothing can end it");
}

}  // namespace

std::string overdue_text(std::chrono::milliseconds timeout) {
  const auto limit = std::chrono::ceil<std::chrono::seconds>(timeout).count();
  return "it took longer than " + std::to_string(limit) + " s";
}

std::string run_hook_process(dockerapi::Engine& engine, const dockerapi::ContainerId& container,
                             const HookCommand& command, HookOutput& output,
                             const std::stop_token& stop) {
  const bool through_shell = has_shell(engine, container, command);
  const auto exec = engine.exec(container, spec_of(command, through_shell));
  Terminator terminator(engine, container, command, *exec.stream);
  Deadline deadline(command.timeout, stop, [&](Deadline& mine) { terminator.end(mine); });
  {
    ProcessLine lines(through_shell, terminator, output);
    read_to_end(*exec.stream, lines);
  }
  const auto verdict = deadline.end();
  if (verdict == Deadline::Verdict::Cancelled) {
    throw Interrupted("cancelled");
  }
  if (verdict == Deadline::Verdict::TimedOut) {
    return overdue(command, terminator);
  }
  const int code = dockerapi::exec_exit_code(engine, exec.id, "see its output");
  return code == 0 ? std::string() : "exit code " + std::to_string(code);
}

}  // namespace controller
