#include "dockerapi/hijack.h"

#include <utility>

#include "dockerapi/connection.h"
#include "dockerapi/engine_json.h"
#include "dockerapi/error.h"
#include "dockerapi/frame_decoder.h"
#include "dockerapi/http_message.h"

namespace dockerapi {

namespace {

constexpr int kSwitching = 101;
constexpr int kOk = 200;

class HijackedStream : public Stream {
 public:
  HijackedStream(std::unique_ptr<Connection> connection, std::unique_ptr<Response> response,
                 std::string what)
      : connection_(std::move(connection)),
        response_(std::move(response)),
        what_(std::move(what)) {}

  std::optional<Chunk> read() override {
    for (;;) {
      if (const auto chunk = frames_.next(ahead_)) {
        return chunk;
      }
      ahead_ = response_->read();
      if (!ahead_.empty()) {
        continue;
      }
      if (frames_.inside_frame()) {
        throw Unreachable("cannot " + what_ + " any longer: the stream broke in the middle");
      }
      return std::nullopt;
    }
  }

  void write(std::string_view bytes) override { connection_->write(bytes); }
  void close_stdin() override { connection_->close_write(); }
  void cancel() noexcept override { connection_->cancel(); }

 private:
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Response> response_;
  std::string what_;
  FrameDecoder frames_;
  std::string_view ahead_;  // received, not yet decoded
};

}  // namespace

std::unique_ptr<Stream> hijack(const Endpoint& endpoint, const std::string& target,
                               const std::string& body, const std::string& what) {
  auto connection = std::make_unique<Connection>(endpoint);
  connection->write("POST " + target +
                    " HTTP/1.1\r\n"
                    "Host: docker\r\n"
                    "Connection: Upgrade\r\n"
                    "Upgrade: tcp\r\n"
                    "Content-Type: application/json\r\n"
                    "Content-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n" + body);
  auto response = std::make_unique<Response>(*connection);
  // Some proxies drop the upgrade; the engine then says 200 and hijacks all the same.
  const int status = response->head().status;
  if (status != kSwitching && status != kOk) {
    refusal(what, status, response->read_all());
  }
  return std::make_unique<HijackedStream>(std::move(connection), std::move(response), what);
}

void refusal(const std::string& what, int status, const std::string& body) {
  constexpr int kNotFound = 404;
  constexpr int kConflict = 409;
  const auto text = "cannot " + what + ": engine answered " + std::to_string(status) + ": " +
                    error_text_from(body);
  if (status == kNotFound) {
    throw NotFound(text);
  }
  if (status == kConflict) {
    throw Conflict(text);
  }
  throw Error(text, status);
}

}  // namespace dockerapi
