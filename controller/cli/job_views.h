// Jobs for people and for scripts.
#pragma once

#include <string>
#include <vector>

#include "controller/jobs/job_book.h"

namespace controller {

/// A table; says so if there are none.
std::string jobs_text(const std::vector<Job>& jobs);

/// An array of objects with id, kind, state, command, started_by, started_at, finished_at,
/// exit_code, message; the last three are null where there is none.
std::string jobs_json(const std::vector<Job>& jobs);

/// One line each, fit for a terminal whatever a hook has printed.
std::string job_line_text(const JobLine& line);
std::string job_line_json(const JobLine& line);

}  // namespace controller
