// A command run in a container to its end, its output collected.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "dockerapi/engine.h"

namespace dockerapi {

struct ExecOutput {
  int exit_code = 0;
  std::string standard_output;
  std::string standard_error;
  bool cut_off = false;  // one of them was longer than allowed: its beginning is kept
};

/// Runs the command with `input` on its stdin (if the spec attaches it).  Any exit code that the
/// command itself chose is an answer.  Throws Error if the command could not be run (exit code 126
/// or 127; the engine then writes its complaint where output belongs), NotFound if the container
/// vanished before the command's end was known.
ExecOutput run_exec(Engine& engine, const ContainerId& id, const ExecSpec& spec,
                    std::string_view input, std::size_t most_bytes);

/// How the exec ended, 126 and 127 included; call it after the end of its stream.  Throws Error if
/// the engine goes on saying that it runs.
int awaited_exit_code(Engine& engine, const std::string& exec_id);

/// The same, if the command could be run.  Same throws as run_exec; `output` is
/// quoted if the command could not be run.
int exec_exit_code(Engine& engine, const std::string& exec_id, std::string_view output);

}  // namespace dockerapi
