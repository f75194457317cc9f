#include "controller/cli/health_endpoint.h"

#include <httplib.h>

#include <thread>
#include <utility>

#include "controller/cli/settings.h"

namespace controller {

struct HealthEndpoint::State {
  httplib::Server server;
  std::thread listener;
};

namespace {

httplib::Server::Handler yes_or_why_not(std::function<std::string()> problem) {
  return [problem = std::move(problem)](const httplib::Request&, httplib::Response& response) {
    const std::string text = problem();
    response.status = text.empty() ? 200 : 503;
    response.set_content((text.empty() ? "ok" : text) + "\n", "text/plain");
  };
}

httplib::Server::Handler exposition(std::function<std::string()> metrics) {
  return [metrics = std::move(metrics)](const httplib::Request&, httplib::Response& response) {
    try {
      response.set_content(metrics(), "text/plain; version=0.0.4; charset=utf-8");
    } catch (const std::exception& error) {  // the boundary to whoever asks
      response.status = 500;
      response.set_content(std::string(error.what()) + "\n", "text/plain");
    }
  };
}

}  // namespace

HealthEndpoint::HealthEndpoint(const std::string& address, int port, HealthAnswers answers)
    : state_(std::make_unique<State>()) {
  state_->server.Get("/healthz", yes_or_why_not(std::move(answers.illness)));
  state_->server.Get("/readyz", yes_or_why_not(std::move(answers.unready)));
  if (answers.metrics) {
    state_->server.Get("/metrics", exposition(std::move(answers.metrics)));
  }
  if (!state_->server.bind_to_port(address, port)) {
    throw SettingError("cannot listen on " + address + ":" + std::to_string(port) +
                       "; is it in use? Set COFFERDAM_LISTEN");
  }
  state_->listener = std::thread([this] { state_->server.listen_after_bind(); });
  // stop() has no effect on a server that does not run yet.
  while (!state_->server.is_running()) {
    std::this_thread::yield();
  }
}

HealthEndpoint::~HealthEndpoint() {
  state_->server.stop();
  if (state_->listener.joinable()) {
    state_->listener.join();
  }
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
