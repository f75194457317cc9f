#include "controller/api/problem.h"

#include <nlohmann/json.hpp>

namespace controller {

ApiAnswer answer_of(const ApiProblem& problem) {
  using Json = nlohmann::ordered_json;
  const Json json = {{"type", "about:blank"},
                     {"status", problem.status()},
                     {"code", problem.code()},
                     {"detail", problem.what()}};
  ApiAnswer answer;
  answer.status = problem.status();
  answer.type = "application/problem+json";
  answer.body = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  answer.headers = problem.headers();
  return answer;
}

}  // namespace controller
