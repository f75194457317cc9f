// A program of this machine, run as a child.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Runs `command` with exactly `env`, as the user of LocalPostgres if this is root.  `next_input`
/// is asked for stdin until it returns nothing; output goes to `on_stdout` and `on_stderr`, from
/// threads of their own.  Returns the exit code, 127 if there is no such program.
int run_child(const std::vector<std::string>& command, const std::vector<std::string>& env,
              const std::function<std::string()>& next_input,
              const std::function<void(std::string_view)>& on_stdout,
              const std::function<void(std::string_view)>& on_stderr);

/// As above without input; throws std::runtime_error unless it exits with 0.  Returns its stdout.
std::string output_of_child(const std::vector<std::string>& command);

/// Starts a program that runs until it is killed; its output goes to the descriptor `output`.
pid_t start_child(const std::vector<std::string>& command, int output);
