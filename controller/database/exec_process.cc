#include "controller/database/exec_process.h"

#include <atomic>
#include <exception>
#include <thread>

#include "dockerapi/error.h"
#include "dockerapi/exec_run.h"

namespace controller {

namespace {

constexpr std::size_t kKept = std::size_t{32} << 10U;
constexpr std::size_t kFirstOutput = 2000;
constexpr int kCannotRun = 126;
constexpr int kNotFound = 127;

/// Feeds the command on a thread, so that it can be read from at the same time.
class Feeder {
 public:
  Feeder(dockerapi::Stream& stream, const ExecInput& input)
      : stream_(stream), thread_([this, &input] { run(input); }) {}
  Feeder(const Feeder&) = delete;
  Feeder& operator=(const Feeder&) = delete;
  ~Feeder() { join(); }

  void join() {
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  /// The command has ended: what it did not read, nobody will.  The engine may not notice.
  void give_up() {
    over_ = true;
    stream_.cancel();
    join();
  }

  /// After join().
  [[nodiscard]] std::exception_ptr failure() const { return failure_; }

 private:
  void run(const ExecInput& input) {
    try {
      for (auto bytes = input(); !bytes.empty(); bytes = input()) {
        if (!sent([&] { stream_.write(bytes); })) {
          return;
        }
      }
      sent([&] { stream_.close_stdin(); });
    } catch (const dockerapi::Cancelled&) {
      if (!over_) {
        failure_ = std::current_exception();
      }
    } catch (...) {
      failure_ = std::current_exception();
      // The reader must not wait for a command that waits for us.
      stream_.cancel();
    }
  }

  /// False if nobody reads any more: the command's exit code says why.
  template <typename Send>
  bool sent(Send send) {
    try {
      send();
      return true;
    } catch (const dockerapi::Unreachable&) {
      throw;
    } catch (const dockerapi::Cancelled&) {
      throw;
    } catch (const dockerapi::Error&) {
      return false;
    }
  }

  dockerapi::Stream& stream_;
  std::exception_ptr failure_;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

/// Reads until the end; `first` keeps the beginning of stdout.
void pump(dockerapi::Stream& stream, const ExecOutput& output, CappedText& complaints,
          std::string& first) {
  while (const auto chunk = stream.read()) {
    if (chunk->channel == dockerapi::Channel::Stderr) {
      complaints.add(chunk->bytes);
      continue;
    }
    if (first.size() < kFirstOutput) {
      first.append(chunk->bytes.substr(0, kFirstOutput - first.size()));
    }
    output(chunk->bytes);
  }
}

/// Feeds `input` while `read` reads.
template <typename Read>
void read_while_feeding(dockerapi::Stream& stream, const ExecInput& input, Read read) {
  Feeder feeder(stream, input);
  try {
    read();
  } catch (const dockerapi::Cancelled&) {
    feeder.join();
    if (!feeder.failure()) {
      throw;
    }
    // It was the feeder that gave up; its reason follows.
  } catch (...) {
    // Else the feeder would wait for a command that nobody reads from.
    stream.cancel();
    throw;
  }
  feeder.give_up();
  if (feeder.failure()) {
    std::rethrow_exception(feeder.failure());
  }
}

}  // namespace

void CappedText::add(std::string_view bytes) {
  const auto for_head = bytes.substr(0, kKept - head_.size());
  head_.append(for_head);
  tail_.append(bytes.substr(for_head.size()));
  if (tail_.size() > kKept) {
    tail_.erase(0, tail_.size() - kKept);
    cut_ = true;
  }
}

std::string CappedText::text() const {
  return head_ + (cut_ ? "\n[…]\n" : "") + tail_;
}

ExecOutcome run_exec(dockerapi::Engine& engine, const dockerapi::ContainerId& container,
                     dockerapi::ExecSpec spec, const ExecExchange& exchange) {
  spec.attach_stdin = static_cast<bool>(exchange.input);
  const auto exec = engine.exec(container, spec);
  const std::stop_callback on_stop(exchange.stop, [&] { exec.stream->cancel(); });
  CappedText complaints;
  std::string first;
  const auto read = [&] { pump(*exec.stream, exchange.output, complaints, first); };
  if (exchange.input) {
    read_while_feeding(*exec.stream, exchange.input, read);
  } else {
    read();
  }
  ExecOutcome outcome;
  outcome.exit_code = dockerapi::awaited_exit_code(engine, exec.id);
  if (outcome.exit_code == kCannotRun || outcome.exit_code == kNotFound) {
    complaints.add(first);
  }
  outcome.complaints = complaints.text();
  return outcome;
}

}  // namespace controller
