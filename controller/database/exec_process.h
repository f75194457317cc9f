// A command run in somebody else's container, to its end.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "dockerapi/engine.h"

namespace controller {

/// How a command ended.
struct ExecOutcome {
  int exit_code = 0;
  std::string complaints;  // its stderr: the first and the last 32 KiB
};

/// The next bytes for the command's stdin, valid until the next call; empty: its end.
using ExecInput = std::function<std::string_view()>;
using ExecOutput = std::function<void(std::string_view)>;

/// What a command is fed with, if anything, and what becomes of its stdout.
struct ExecExchange {
  ExecInput input;
  ExecOutput output;
  std::stop_token stop;
};

/// Runs `spec` and waits for its end.  `input` runs on a thread of its own, `output` on ours.  What
/// either throws ends the exchange and is rethrown, as is dockerapi::Cancelled after a stop
/// request; the command itself then runs on in the container, so the caller must end what it does.
/// A command that stops reading its stdin is no error.
///
/// The text of a command that could not be run comes on stdout, with exit code 126 or 127: judge
/// what `output` got only by an exit code of 0.
ExecOutcome run_exec(dockerapi::Engine& engine, const dockerapi::ContainerId& container,
                     dockerapi::ExecSpec spec, const ExecExchange& exchange);

/// Keeps the beginning and the end of a long text.
class CappedText {
 public:
  void add(std::string_view bytes);
  [[nodiscard]] std::string text() const;

 private:
  std::string head_;
  std::string tail_;
  bool cut_ = false;
};

}  // namespace controller
