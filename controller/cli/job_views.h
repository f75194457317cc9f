// Jobs for people and for scripts.
#pragma once

#include <string>
#include <vector>

#include "controller/jobs/job_book.h"

namespace controller {

/// A table, and below it what those do that are open; says so if there are none.
std::string jobs_text(const std::vector<Job>& jobs);

/// An array of objects with id, kind, state, command, started_by, started_at, finished_at,
/// exit_code, message, phase (null where there is none) and components, as `create --json` has
/// them.
std::string jobs_json(const std::vector<Job>& jobs);

/// The same of one.
std::string job_json(const Job& job);

/// What is printed of a job that was accepted and is left alone.
std::string accepted_json(const std::string& job, const std::string& state);

/// One line each, fit for a terminal whatever a hook has printed.
std::string job_line_text(const JobLine& line);
std::string job_line_json(const JobLine& line);

}  // namespace controller
