// The problem that an exception or an exit code of ours is to whoever asked over HTTP.
#pragma once

#include <exception>
#include <string>

#include "controller/api/problem.h"
#include "controller/cli/exit_code.h"

namespace controller {

ApiProblem problem_of(ExitCode code, const std::string& detail);
ApiProblem problem_of(const std::exception& error);

}  // namespace controller
