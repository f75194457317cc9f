// How a command ends, in the one number that scripts look at.
#pragma once

#include <exception>
#include <stdexcept>

namespace controller {

/// Documented in docs/commands.md; never change a value.
enum class ExitCode {
  Success = 0,
  Failed = 1,
  Usage = 2,
  Degraded = 3,
  Refused = 4,
  NotFound = 10,
  Locked = 11,
  WrongKey = 12,
  Integrity = 13,
  DestinationUnreachable = 14,
  NoSpace = 15,
  EngineUnreachable = 16,
  Cancelled = 130
};

/// A safety rule says no: an existing name, running producers, a missing --yes.
class Refusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The command line or a name in it is wrong.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What to exit with after `error`, which ended a command.
ExitCode exit_code_of(const std::exception& error);

}  // namespace controller
