#include "controller/cli/api_problems.h"

#include "controller/access/access_file.h"

namespace controller {

namespace {

constexpr int kBadRequest = 400;
constexpr int kNotFound = 404;
constexpr int kConflict = 409;
constexpr int kServerError = 500;
constexpr int kBadGateway = 502;
constexpr int kUnavailable = 503;
constexpr int kInsufficientStorage = 507;

}  // namespace

ApiProblem problem_of(ExitCode code, const std::string& detail) {
  switch (code) {
    case ExitCode::Usage:
      return {kBadRequest, "bad-request", detail};
    case ExitCode::Refused:
      return {kConflict, "refused", detail};
    case ExitCode::NotFound:
      return {kNotFound, "not-found", detail};
    case ExitCode::Locked:
      return {kConflict, "locked", detail};
    case ExitCode::Integrity:
      return {kConflict, "corrupt", detail};
    case ExitCode::Cancelled:
      return {kConflict, "cancelled", detail};
    case ExitCode::DestinationUnreachable:
      return {kBadGateway, "destination-unreachable", detail};
    case ExitCode::NoSpace:
      return {kInsufficientStorage, "no-space", detail};
    case ExitCode::EngineUnreachable:
      return {kUnavailable, "engine-unreachable", detail};
    default:
      return {kServerError, "failed", detail};
  }
}

ApiProblem problem_of(const std::exception& error) {
  if (dynamic_cast<const AccessError*>(&error) != nullptr) {
    return {kUnavailable, "access-unavailable", error.what()};
  }
  return problem_of(exit_code_of(error), error.what());
}

}  // namespace controller
