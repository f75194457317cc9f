// Routes that start jobs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "controller/cli/api_routes.h"
#include "controller/cli/command_words.h"

namespace controller {

/// Whether a job that is started waits where another one works, or is refused.
Field queue_field();

/// One without an act yet, below /api/v1, in the audit log as `audit`.
Route post(const std::string& path, Scope scope, const std::string& operation,
           const std::string& audit, const std::string& summary, std::vector<Field> body = {});

/// The same for DELETE.
Route removal(const std::string& path, Scope scope, const std::string& operation,
              const std::string& audit, const std::string& summary);

/// The route that starts the job which the words say.
Route starting(const ApiPlace& place, Route route,
               std::function<CommandWords(const ApiCall&)> words);

}  // namespace controller
