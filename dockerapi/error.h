// What can go wrong between us and a Docker engine.
#pragma once

#include <stdexcept>
#include <string>

namespace dockerapi {

/// The engine refused or could not do what was asked; its state is what it was before.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& what, int status = 0)
      : std::runtime_error(what), status_(status) {}

  /// The HTTP status of the engine's answer; 0 if there was none.
  [[nodiscard]] int status() const noexcept { return status_; }

 private:
  int status_;
};

/// What was named does not exist (404).  Often fine: it is gone already.
class NotFound : public Error {
 public:
  explicit NotFound(const std::string& what) : Error(what, 404) {}
};

/// The object is in a state in which this cannot be done (409): in use, paused, not running.
class Conflict : public Error {
 public:
  explicit Conflict(const std::string& what) : Error(what, 409) {}
};

/// The engine did not answer, or the answer was lost: whether the call took effect is unknown, so
/// look before you repeat.
class Unreachable : public Error {
 public:
  using Error::Error;
};

/// DOCKER_HOST or its companions make no sense: the operator has to correct them.
class InvalidEndpoint : public Error {
 public:
  using Error::Error;
};

/// The call was given up because somebody called cancel().
class Cancelled : public Error {
 public:
  using Error::Error;
};

}  // namespace dockerapi
