#include "controller/cli/served_api.h"

#include <httplib.h>

#include <mutex>
#include <optional>
#include <utility>

#include "controller/access/login_throttle.h"
#include "controller/api/api_gate.h"
#include "controller/api/http_front.h"
#include "controller/api/http_status.h"
#include "controller/api/openapi.h"
#include "controller/api/session_routes.h"
#include "controller/cli/api_problems.h"
#include "controller/cli/api_routes.h"
#include "controller/cli/asked_commands.h"
#include "controller/clock.h"

namespace controller {

namespace {

// Of the front's 96 threads the others are left for what is answered at once.
constexpr int kMostStreams = 64;
constexpr int kMostDownloads = 8;

ApiAnswer plain(int status, const std::string& text) {
  ApiAnswer answer;
  answer.status = status;
  answer.type = "text/plain";
  answer.body = text + "\n";
  return answer;
}

ApiAnswer yes_or_why_not(const std::function<std::string()>& problem) {
  const auto text = problem();
  return text.empty() ? plain(200, "ok") : plain(http_status::kUnavailable, text);
}

ApiAnswer exposition(const std::function<std::string()>& metrics) {
  try {
    ApiAnswer answer;
    answer.type = "text/plain; version=0.0.4; charset=utf-8";
    answer.body = metrics();
    return answer;
  } catch (const std::exception& error) {  // the boundary to whoever asks
    return plain(http_status::kServerError, error.what());
  }
}

/// Absent: it is not one of these.
std::optional<ApiAnswer> answer_to_anybody(const HealthAnswers& answers,
                                           const ApiRequest& request) {
  if (request.method != "GET" && request.method != "HEAD") {
    return std::nullopt;
  }
  if (request.path == "/healthz") {
    return yes_or_why_not(answers.illness);
  }
  if (request.path == "/readyz") {
    return yes_or_why_not(answers.unready);
  }
  if (request.path == "/metrics" && answers.metrics) {
    return exposition(answers.metrics);
  }
  return std::nullopt;
}

template <typename... Lists>
std::vector<Route> joined(Lists... lists) {
  std::vector<Route> routes;
  (routes.insert(routes.end(), lists.begin(), lists.end()), ...);
  return routes;
}

/// The routes, and the one that tells what they are.
std::vector<Route> with_document(std::vector<Route> routes) {
  routes.push_back({"GET",
                    "/api/v1/openapi.json",
                    Scope::Read,
                    "showDocument",
                    "The API for programs to read",
                    {},
                    {},
                    200,
                    "Document",
                    "",
                    {}});
  routes.back().act = [document = openapi_json(routes)](const ApiCall&) {
    ApiAnswer answer;
    answer.body = document;
    return answer;
  };
  return routes;
}

}  // namespace

struct ServedApi::State {
  State(const Settings& all, AccessSettings who, const ConfigInForce& config, SharedBook& jobs,
        HealthAnswers health)
      : settings(all),
        access(std::move(who)),
        book(jobs),
        answers(std::move(health)),
        commands([&config] { return environment_of_jobs(config); }),
        feed(jobs, all.store) {}

  ApiAnswer answer(ApiRequest request) {
    if (auto found = answer_to_anybody(answers, request)) {
      return *std::move(found);
    }
    try {
      return opened().answer(std::move(request));
    } catch (const std::exception& error) {  // the boundary to whoever asks
      return answer_of(problem_of(error));
    }
  }

  ApiGate& opened() {
    const std::scoped_lock lock(mutex);
    if (!gate) {
      file.emplace(access_file(settings));
      gate.emplace(routes(), *file, access.rules, clock,
                   [](const std::exception& error) { return problem_of(error); });
    }
    return *gate;
  }

  std::vector<Route> routes() {
    const AccessDesk desk{*file, throttle, access.rules, clock};
    const ApiPlace place{settings, book, commands, *file, feed, streams, downloads, clock};
    return with_document(joined(session_routes(desk), token_routes(desk), job_routes(place),
                                restore_routes(place), read_routes(place), schedule_routes(place),
                                copy_routes(place), event_routes(place), download_routes(place)));
  }

  const Settings& settings;
  const AccessSettings access;
  SharedBook& book;
  const HealthAnswers answers;
  const SystemClock clock;
  LoginThrottle throttle;
  AskedCommands commands;
  EventFeed feed;
  Seats streams{kMostStreams};
  Seats downloads{kMostDownloads};
  std::mutex mutex;  // guards the two below while they are made
  std::optional<AccessFile> file;
  std::optional<ApiGate> gate;
  std::optional<HttpFront> front;  // last: it uses the others
};

ServedApi::ServedApi(const Settings& settings, AccessSettings access, const ConfigInForce& config,
                     SharedBook& book, HealthAnswers answers)
    : state_(
          std::make_unique<State>(settings, std::move(access), config, book, std::move(answers))) {
  try {
    state_->front.emplace(
        settings.listen_address, settings.listen_port,
        [this](ApiRequest request) { return state_->answer(std::move(request)); });
  } catch (const ListenError& error) {
    throw SettingError(std::string(error.what()) + " Set COFFERDAM_LISTEN");
  }
}

ServedApi::~ServedApi() = default;

void ServedApi::look() {
  state_->commands.reap();
}

std::set<pid_t> ServedApi::end() {
  state_->feed.end();
  return state_->commands.end();
}

std::string ask_health(const std::string& address, int port) {
  const std::string reachable = address == "0.0.0.0" || address == "::" ? "127.0.0.1" : address;
  httplib::Client client(reachable, port);
  client.set_connection_timeout(5);
  client.set_read_timeout(5);
  const auto answer = client.Get("/healthz");
  if (!answer) {
    return "no answer from " + reachable + ":" + std::to_string(port) +
           "; is `cofferdam serve` running?";
  }
  if (answer->status == 200) {
    return {};
  }
  return answer->body.empty() ? "status " + std::to_string(answer->status) : answer->body;
}

}  // namespace controller
