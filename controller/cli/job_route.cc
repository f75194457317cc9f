#include "controller/cli/job_route.h"

#include <utility>

#include "controller/api/http_status.h"
#include "controller/cli/job_views.h"

namespace controller {

Field queue_field() {
  return {"queue", FieldKind::Flag, false, "where somebody works, wait for the turn"};
}

Route post(const std::string& path, Scope scope, const std::string& operation,
           const std::string& audit, const std::string& summary, std::vector<Field> body) {
  return {"POST", "/api/v1" + path, scope, operation, summary, {}, std::move(body), 0, "", audit,
          {}};
}

Route removal(const std::string& path, Scope scope, const std::string& operation,
              const std::string& audit, const std::string& summary) {
  auto route = post(path, scope, operation, audit, summary);
  route.method = "DELETE";
  return route;
}

Route starting(const ApiPlace& place, Route route,
               std::function<CommandWords(const ApiCall&)> words) {
  route.success = http_status::kAccepted;
  route.answer = "Accepted";
  route.body.push_back(queue_field());
  route.act = [place, words = std::move(words)](const ApiCall& call) {
    auto line = words(call);
    return started_job(place, call, line.flag("--queue", call.body.flag("queue")).words());
  };
  return route;
}

ApiAnswer started_job(const ApiPlace& place, const ApiCall& call,
                      const std::vector<std::string>& words) {
  const auto notice = place.commands.start(words, "api " + call.who.name);
  auto answer = json_answer(accepted_json(notice.job, notice.state));
  answer.status = http_status::kAccepted;
  answer.headers.emplace_back("Location", "/api/v1/jobs/" + notice.job);
  return answer;
}

}  // namespace controller
