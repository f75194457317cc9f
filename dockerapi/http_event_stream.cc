#include "dockerapi/http_event_stream.h"

#include <chrono>
#include <ctime>
#include <string_view>
#include <utility>

#include "dockerapi/connection.h"
#include "dockerapi/engine_json.h"
#include "dockerapi/error.h"
#include "dockerapi/hijack.h"
#include "dockerapi/http_message.h"

namespace dockerapi {

namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;

/// The engine's clock, from the answer's Date header; ours if it has none.
std::int64_t time_of(const ResponseHead& head) {
  std::tm parts{};
  const auto date = head.header("date");
  if (strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) != nullptr) {
    return timegm(&parts) * kNanoseconds;
  }
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
             .count() *
         kNanoseconds;
}

class HttpEventStream : public EventStream {
 public:
  HttpEventStream(std::unique_ptr<Connection> connection, std::unique_ptr<Response> response)
      : connection_(std::move(connection)), response_(std::move(response)) {}

  std::optional<Event> next() override {
    try {
      for (;;) {
        // By line, not by chunk: a proxy may cut or join chunks.
        if (const auto line = take_line(); !line.empty()) {
          return event_from_json(line);
        }
        const auto more = response_->read();
        if (more.empty()) {
          return std::nullopt;
        }
        pending_ += more;
      }
    } catch (const Unreachable&) {
      return std::nullopt;
    } catch (const Cancelled&) {
      return std::nullopt;
    }
  }

  void cancel() noexcept override { connection_->cancel(); }

  [[nodiscard]] std::int64_t opened_ns() const override { return time_of(response_->head()); }

 private:
  std::string take_line() {
    const auto newline = pending_.find('\n');
    if (newline == std::string::npos) {
      return {};
    }
    auto line = pending_.substr(0, newline);
    pending_.erase(0, newline + 1);
    return line.find_first_not_of(" \r") == std::string::npos ? take_line() : line;
  }

  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Response> response_;
  std::string pending_;
};

}  // namespace

std::unique_ptr<EventStream> open_event_stream(const Endpoint& endpoint,
                                               const std::string& target) {
  auto connection = std::make_unique<Connection>(endpoint);
  connection->write("GET " + target + " HTTP/1.1\r\nHost: docker\r\n\r\n");
  auto response = std::make_unique<Response>(*connection);
  constexpr int kOk = 200;
  if (response->head().status != kOk) {
    refusal("subscribe to events", response->head().status, response->read_all());
  }
  return std::make_unique<HttpEventStream>(std::move(connection), std::move(response));
}

}  // namespace dockerapi
