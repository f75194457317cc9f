#include "controller/cli/api_problems.h"

#include "controller/access/access_file.h"
#include "controller/api/http_status.h"

namespace controller {

ApiProblem problem_of(ExitCode code, const std::string& detail) {
  switch (code) {
    case ExitCode::Usage:
      return {http_status::kBadRequest, "bad-request", detail};
    case ExitCode::Refused:
      return {http_status::kConflict, "refused", detail};
    case ExitCode::NotFound:
      return {http_status::kNotFound, "not-found", detail};
    case ExitCode::Locked:
      return {http_status::kConflict, "locked", detail};
    case ExitCode::Integrity:
      return {http_status::kConflict, "corrupt", detail};
    case ExitCode::Cancelled:
      return {http_status::kConflict, "cancelled", detail};
    case ExitCode::DestinationUnreachable:
      return {http_status::kBadGateway, "destination-unreachable", detail};
    case ExitCode::NoSpace:
      return {http_status::kInsufficientStorage, "no-space", detail};
    case ExitCode::EngineUnreachable:
      return {http_status::kUnavailable, "engine-unreachable", detail};
    default:
      return {http_status::kServerError, "failed", detail};
  }
}

ApiProblem problem_of(const std::exception& error) {
  if (dynamic_cast<const AccessError*>(&error) != nullptr) {
    return {http_status::kUnavailable, "access-unavailable", error.what()};
  }
  return problem_of(exit_code_of(error), error.what());
}

}  // namespace controller
