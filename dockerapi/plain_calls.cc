#include "dockerapi/plain_calls.h"

#include <httplib.h>

#include <mutex>
#include <utility>
#include <vector>

#include "dockerapi/connection.h"
#include "dockerapi/error.h"

namespace dockerapi {

namespace {

// poll(2) counts milliseconds in an int.
constexpr std::chrono::seconds kNoLimit = std::chrono::hours(24 * 20);
constexpr std::chrono::seconds kConnectLimit{10};
constexpr int kAnyPort = 80;
constexpr int kNotModified = 304;

std::unique_ptr<httplib::Client> open(const Endpoint& endpoint) {
  std::unique_ptr<httplib::Client> client;
  if (!endpoint.socket.empty()) {
    client = std::make_unique<httplib::Client>(endpoint.socket, kAnyPort);
    client->set_address_family(AF_UNIX);
  } else if (endpoint.tls) {
    client = std::make_unique<httplib::Client>("https://" + to_string(endpoint).substr(6),
                                               endpoint.tls->certificate, endpoint.tls->key);
    client->set_ca_cert_path(endpoint.tls->authority);
    client->enable_server_certificate_verification(true);
  } else {
    client = std::make_unique<httplib::Client>(endpoint.host, endpoint.port);
  }
  client->set_connection_timeout(kConnectLimit);
  client->set_keep_alive(true);
  client->set_follow_location(false);
  // Targets come encoded: a second time would spoil them.
  client->set_url_encode(false);
  return client;
}

/// Says more than the library does about why nobody answers.
[[noreturn]] void fail(const Endpoint& endpoint, const PlainRequest& request,
                       httplib::Error error) {
  using httplib::Error;
  // "Success" is the library's word for certificates that it could not load.
  const bool never_connected = error == Error::Connection || error == Error::SSLConnection ||
                               error == Error::SSLServerVerification || error == Error::Success;
  const bool broke_off = endpoint.tls && (error == Error::Read || error == Error::Write);
  if (never_connected || broke_off) {
    constexpr std::chrono::seconds kPatience{2};
    Connection again(endpoint);
    again.hear_refusal(kPatience);
  }
  auto cause = httplib::to_string(error);
  if (error == httplib::Error::Read && request.limit) {
    cause = "no answer, or not within " + std::to_string(request.limit->count()) + " s";
  }
  throw Unreachable(unreachable_text(endpoint, cause));
}

}  // namespace

struct PlainCalls::State {
  Endpoint endpoint;
  std::mutex mutex;
  std::vector<std::unique_ptr<httplib::Client>> idle;

  std::unique_ptr<httplib::Client> take() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) {
      return open(endpoint);
    }
    auto client = std::move(idle.back());
    idle.pop_back();
    return client;
  }

  void give_back(std::unique_ptr<httplib::Client> client) {
    constexpr std::size_t kMost = 8;
    const std::lock_guard lock(mutex);
    if (idle.size() < kMost) {
      idle.push_back(std::move(client));
    }
  }

  void forget_idle() {
    const std::lock_guard lock(mutex);
    idle.clear();
  }
};

PlainCalls::PlainCalls(const Endpoint& endpoint) : state_(std::make_unique<State>()) {
  state_->endpoint = endpoint;
}

PlainCalls::~PlainCalls() = default;

PlainAnswer PlainCalls::send(const PlainRequest& request) {
  httplib::Request message;
  message.method = request.method;
  message.path = request.target;
  message.body = request.body;
  // Of a unix socket the library would send the socket's path.
  message.set_header("Host", "docker");
  if (!request.body.empty()) {
    message.set_header("Content-Type", "application/json");
  }
  // The library waits for a body of 304, which never has one: leave once the status is there.
  bool is_not_modified = false;
  message.response_handler = [&is_not_modified](const httplib::Response& response) {
    is_not_modified = response.status == kNotModified;
    return !is_not_modified;
  };
  auto client = state_->take();
  client->set_read_timeout(request.limit.value_or(kNoLimit));
  client->set_write_timeout(request.limit.value_or(kNoLimit));
  const auto result = client->send(message);
  if (is_not_modified) {
    return {kNotModified, "", "", ""};
  }
  if (!result) {
    // The engine may have been restarted: then its other connections are dead too.
    state_->forget_idle();
    fail(state_->endpoint, request, result.error());
  }
  PlainAnswer answer{result->status, result->body, result->get_header_value("Api-Version"),
                     result->get_header_value("X-Docker-Container-Path-Stat")};
  state_->give_back(std::move(client));
  return answer;
}

}  // namespace dockerapi
