#include "dockerapi/exec_run.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "dockerapi/error.h"

namespace dockerapi {

namespace {

constexpr int kCannotRun = 126;
constexpr int kNoSuchCommand = 127;

/// Adds what fits; true if something did not.
bool append(std::string& text, std::string_view bytes, std::size_t most) {
  const auto room = most - std::min(most, text.size());
  text += bytes.substr(0, room);
  return bytes.size() > room;
}

/// Feeds stdin while the caller reads: otherwise both sides may wait for each other.
void feed(Stream& stream, std::string_view input) {
  try {
    stream.write(input);
    stream.close_stdin();
  } catch (const Error&) {
    // The command needs no more of it, or the reading side meets the same fault and reports it.
  }
}

struct CancelAtEnd {
  Stream& stream;

  explicit CancelAtEnd(Stream& which) : stream(which) {}
  CancelAtEnd(const CancelAtEnd&) = delete;
  CancelAtEnd& operator=(const CancelAtEnd&) = delete;
  ~CancelAtEnd() { stream.cancel(); }
};

}  // namespace

int awaited_exit_code(Engine& engine, const std::string& exec_id) {
  // A child that holds stdout open ends the stream up to 2 s late, so nearly always the first look
  // says it.
  constexpr int kLooks = 500;
  constexpr std::chrono::milliseconds kPause{20};
  for (int look = 0; look < kLooks; ++look) {
    const auto state = engine.inspect_exec(exec_id);
    if (!state.running && state.exit_code) {
      return *state.exit_code;
    }
    std::this_thread::sleep_for(kPause);
  }
  throw Error("the command's output ended, but the engine says it still runs");
}

int exec_exit_code(Engine& engine, const std::string& exec_id, std::string_view output) {
  const int code = awaited_exit_code(engine, exec_id);
  if (code == kCannotRun || code == kNoSuchCommand) {
    constexpr std::size_t kMost = 300;
    while (!output.empty() && (output.back() == '\n' || output.back() == '\r')) {
      output.remove_suffix(1);
    }
    throw Error("the command could not be run, exit code " + std::to_string(code) + ": " +
                std::string(output.substr(0, kMost)));
  }
  return code;
}

ExecOutput run_exec(Engine& engine, const ContainerId& id, const ExecSpec& spec,
                    std::string_view input, std::size_t most_bytes) {
  auto exec = engine.exec(id, spec);
  ExecOutput result;
  std::jthread feeder;
  if (spec.attach_stdin) {
    feeder = std::jthread([&stream = *exec.stream, input] { feed(stream, input); });
  }
  {
    // A command that ends without reading its input leaves the feeder blocked in a write.
    const CancelAtEnd cancel{*exec.stream};
    while (const auto chunk = exec.stream->read()) {
      auto& text =
          chunk->channel == Channel::Stdout ? result.standard_output : result.standard_error;
      result.cut_off = append(text, chunk->bytes, most_bytes) || result.cut_off;
    }
  }
  result.exit_code = exec_exit_code(
      engine, exec.id,
      result.standard_output.empty() ? result.standard_error : result.standard_output);
  return result;
}

}  // namespace dockerapi
