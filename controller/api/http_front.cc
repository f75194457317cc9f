#include "controller/api/http_front.h"

#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <thread>
#include <utility>

#include "controller/api/bounded_server.h"
#include "controller/api/http_status.h"
#include "controller/api/problem.h"
#include "controller/api/request_guard.h"
#include "controller/api/slow_clients.h"

namespace controller {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr std::size_t kMostHeaders = 100;

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

/// Writes to the connection until that ends or we do.
BodyWriter writer_to(httplib::DataSink& sink, const std::atomic<bool>& ending) {
  return [&sink, &ending](std::string_view bytes) {
    return !ending && sink.is_writable() && sink.write(bytes.data(), bytes.size());
  };
}

/// What is thrown here would end the process; the connection breaks instead.
template <typename Send>
bool sent(Send send) {
  try {
    return send();
  } catch (const std::exception&) {  // the boundary to whoever asks
    return false;
  }
}

bool fits(const httplib::Range& range, std::uint64_t length) {
  const auto size = static_cast<ssize_t>(length);
  const bool from_end = range.first == -1;
  const auto last = from_end ? range.second - 1 : std::max(range.first, range.second);
  return last < size && (range.second == -1 || from_end || range.first <= range.second);
}

/// Whether the parts that are asked for are there, and are still of what the asker has.
bool has_parts(const httplib::Request& request, const ApiContent& content) {
  const auto same = request.get_header_value("If-Range");
  return (same.empty() || same == '"' + content.digest + '"') &&
         std::ranges::all_of(request.ranges,
                             [&](const auto& range) { return fits(range, content.length); });
}

void put_content(const httplib::Request& request, ApiAnswer answer, const std::atomic<bool>& ending,
                 httplib::Response& response) {
  auto& content = *answer.content;
  if (!has_parts(request, content)) {
    response.status = http_status::kNoSuchRange;
    return;  // tell_why() says the rest
  }
  response.status = request.ranges.empty() ? answer.status : http_status::kPartial;
  response.set_header("ETag", '"' + content.digest + '"');
  response.set_header("Accept-Ranges", "bytes");
  if (content.length == 0) {
    response.set_content("", answer.type);  // the library wants no provider of nothing
    return;
  }
  response.set_content_provider(
      content.length, answer.type,
      [send = std::move(content.send), &ending](std::size_t offset, std::size_t length,
                                                httplib::DataSink& sink) {
        return sent([&] { return send(offset, length, writer_to(sink, ending)); });
      });
}

void put(const httplib::Request& request, ApiAnswer answer, const std::atomic<bool>& ending,
         httplib::Response& response) {
  response.status = answer.status;
  for (const auto& [name, value] : answer.headers) {
    response.set_header(name, value);
  }
  if (answer.content) {
    put_content(request, std::move(answer), ending, response);
  } else if (answer.stream) {
    response.set_chunked_content_provider(answer.type, [stream = std::move(answer.stream), &ending](
                                                           std::size_t, httplib::DataSink& sink) {
      const bool whole = sent([&] { return stream(writer_to(sink, ending)); });
      if (whole) {
        sink.done();
      }
      return whole;
    });
  } else if (!answer.body.empty() && request.ranges.empty()) {
    response.set_content(answer.body, answer.type);
  } else if (!answer.body.empty()) {
    response.status = http_status::kNoSuchRange;  // the library would cut it
  }
}

/// What the library refuses, or would.
ApiProblem refusal(int status) {
  switch (status) {
    case http_status::kTooLarge:
      return {status, "too-large", "a body has a mebibyte at most"};
    case http_status::kNoSuchRange:
      return {status, "no-such-range", "it has no such part, or is not what it was"};
    default:
      return {status, "bad-request", "this is no request, or its body did not come in time"};
  }
}

using Handled = httplib::Server::HandlerResponse;

/// The library would read what is too large to its end before it says so.
void check_length(const httplib::Request& request) {
  const auto text = request.get_header_value("Content-Length");
  std::uint64_t length = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (problem != std::errc() || end != text.data() + text.size()) {
    throw ApiProblem(http_status::kBadRequest, "bad-request", "Content-Length is no number");
  }
  if (length > kMostBytes) {
    throw refusal(http_status::kTooLarge);
  }
}

/// What comes before a body is read.  One without a length has none; the library would wait for it
/// until the connection ends.
Handled before_body(const HttpFront::Answer& answer, const std::atomic<bool>& ending,
                    const httplib::Request& request, httplib::Response& response) {
  try {
    if (request.headers.size() > kMostHeaders) {
      throw ApiProblem(http_status::kHeadTooLarge, "too-many-headers",
                       "a request has 100 headers at most");
    }
    auto asked = request_of(request);
    check_body_headers(asked);
    if (request.has_header("Content-Length")) {
      check_length(request);
      return Handled::Unhandled;
    }
    put(request, answer(std::move(asked)), ending, response);
  } catch (const ApiProblem& problem) {
    put(request, answer_of(problem), ending, response);
  }
  return Handled::Handled;
}

void tell_why(const httplib::Request&, httplib::Response& response) {
  if (response.body.empty()) {
    const auto answer = answer_of(refusal(response.status));
    response.set_content(answer.body, answer.type);
  }
}

}  // namespace

struct HttpFront::State {
  explicit State(const RequestLimits& limits) : server(bounded_server(limits, clients)) {}

  std::atomic<bool> ending{false};  // streams break off
  SlowClients clients;
  const std::unique_ptr<httplib::Server> server;
  std::thread listener;
  int port = 0;
};

HttpFront::HttpFront(const std::string& address, int port, Answer answer,
                     const RequestLimits& limits)
    : state_(std::make_unique<State>(limits)) {
  auto& server = *state_->server;
  server.set_payload_max_length(kMostBytes);
  const auto& ending = state_->ending;
  server.set_pre_routing_handler([answer, &ending](const auto& request, auto& response) {
    return before_body(answer, ending, request, response);
  });
  server.set_error_handler(httplib::Server::Handler(tell_why));
  const auto serve = [answer = std::move(answer), &ending](const httplib::Request& request,
                                                           httplib::Response& response) {
    put(request, answer(request_of(request)), ending, response);
  };
  server.Get(".*", serve).Post(".*", serve).Put(".*", serve).Patch(".*", serve);
  server.Delete(".*", serve);
  state_->port = port == 0 ? server.bind_to_any_port(address) : port;
  if (port == 0 ? state_->port <= 0 : !server.bind_to_port(address, port)) {
    throw ListenError("cannot listen on " + address + ":" + std::to_string(port) +
                      "; is it in use?");
  }
  state_->listener = std::thread([this] { state_->server->listen_after_bind(); });
  // stop() has no effect on a server that does not run yet.
  while (!server.is_running()) {
    std::this_thread::yield();
  }
}

HttpFront::~HttpFront() {
  state_->ending = true;
  state_->clients.end();
  state_->server->stop();
  if (state_->listener.joinable()) {
    state_->listener.join();
  }
}

int HttpFront::port() const {
  return state_->port;
}

}  // namespace controller
