#include "controller/api/http_front.h"

#include <httplib.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "controller/api/problem.h"
#include "controller/api/request_guard.h"
#include "controller/api/worker_pool.h"

namespace controller {

namespace {

constexpr std::size_t kMostWorkers = 96;
constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr std::size_t kMostHeaders = 100;
constexpr int kTooLarge = 413;
constexpr int kTooManyHeaders = 431;
constexpr time_t kReadSeconds = 10;
constexpr time_t kWriteSeconds = 30;

class Workers : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> work) override { pool_.add(std::move(work)); }
  void shutdown() override { pool_.shut_down(); }

 private:
  WorkerPool pool_{kMostWorkers};
};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char one) {
    return one >= 'A' && one <= 'Z' ? static_cast<char>(one - 'A' + 'a') : one;
  });
  return text;
}

ApiRequest request_of(const httplib::Request& request) {
  ApiRequest found;
  found.method = request.method;
  found.path = request.path;
  found.query = {request.params.begin(), request.params.end()};
  for (const auto& [name, value] : request.headers) {
    found.headers.emplace(lower(name), value);
  }
  found.body = request.body;
  found.source = request.remote_addr;  // not the header of that name, which anybody can send
  return found;
}

void put(ApiAnswer answer, httplib::Response& response) {
  response.status = answer.status;
  for (const auto& [name, value] : answer.headers) {
    response.set_header(name, value);
  }
  if (answer.stream) {
    response.set_chunked_content_provider(
        answer.type, [stream = std::move(answer.stream)](std::size_t, httplib::DataSink& sink) {
          const bool whole = stream([&](std::string_view bytes) {
            return sink.is_writable() && sink.write(bytes.data(), bytes.size());
          });
          if (whole) {
            sink.done();
          }
          return whole;
        });
  } else if (!answer.body.empty()) {
    response.set_content(answer.body, answer.type);
  }
}

using Handled = httplib::Server::HandlerResponse;

/// What comes before a body is read.  One without a length has none; the library would wait for it
/// until the connection ends.
Handled before_body(const HttpFront::Answer& answer, const httplib::Request& request,
                    httplib::Response& response) {
  try {
    if (request.headers.size() > kMostHeaders) {
      throw ApiProblem(kTooManyHeaders, "too-many-headers", "a request has 100 headers at most");
    }
    auto asked = request_of(request);
    check_body_headers(asked);
    if (request.has_header("Content-Length")) {
      return Handled::Unhandled;
    }
    put(answer(std::move(asked)), response);
  } catch (const ApiProblem& problem) {
    put(answer_of(problem), response);
  }
  return Handled::Handled;
}

/// What the library itself refuses.
void tell_why(const httplib::Request&, httplib::Response& response) {
  if (!response.body.empty()) {
    return;
  }
  const int status = response.status;
  const bool large = status == kTooLarge;
  put(answer_of(ApiProblem(status, large ? "too-large" : "bad-request",
                           large ? "a body has a mebibyte at most" : "this is no request")),
      response);
}

}  // namespace

struct HttpFront::State {
  httplib::Server server;
  std::thread listener;
  int port = 0;
};

HttpFront::HttpFront(const std::string& address, int port, Answer answer)
    : state_(std::make_unique<State>()) {
  auto& server = state_->server;
  server.new_task_queue = [] { return new Workers; };
  server.set_keep_alive_max_count(1);  // what is not read of a refused body is no next request
  server.set_payload_max_length(kMostBytes);
  server.set_read_timeout(kReadSeconds);
  server.set_write_timeout(kWriteSeconds);
  server.set_pre_routing_handler([answer](const auto& request, auto& response) {
    return before_body(answer, request, response);
  });
  server.set_error_handler(httplib::Server::Handler(tell_why));
  const auto serve = [answer = std::move(answer)](const httplib::Request& request,
                                                  httplib::Response& response) {
    put(answer(request_of(request)), response);
  };
  server.Get(".*", serve).Post(".*", serve).Put(".*", serve).Patch(".*", serve);
  server.Delete(".*", serve);
  state_->port = port == 0 ? server.bind_to_any_port(address) : port;
  if (port == 0 ? state_->port <= 0 : !server.bind_to_port(address, port)) {
    throw ListenError("cannot listen on " + address + ":" + std::to_string(port) +
                      "; is it in use?");
  }
  state_->listener = std::thread([this] { state_->server.listen_after_bind(); });
  // stop() has no effect on a server that does not run yet.
  while (!server.is_running()) {
    std::this_thread::yield();
  }
}

HttpFront::~HttpFront() {
  state_->server.stop();
  if (state_->listener.joinable()) {
    state_->listener.join();
  }
}

int HttpFront::port() const {
  return state_->port;
}

}  // namespace controller
