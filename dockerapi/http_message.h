// HTTP/1.1 on a Connection of our own, for what outlives a plain request: hijacked streams, event
// subscriptions, uploads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "dockerapi/connection.h"

namespace dockerapi {

struct ResponseHead {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case

  /// Empty if absent.
  [[nodiscard]] std::string header(const std::string& name) const;
};

/// Reads "HTTP/1.1 200 OK\r\n…\r\n\r\n".  Throws Error if it is none.
ResponseHead response_head_from(std::string_view text);

/// Takes the chunks' frames off, however the bytes are cut.
class ChunkedBody {
 public:
  /// The next content at the front of `bytes`, which is shortened by what was used; empty when
  /// more bytes are needed, or after the last chunk.  Throws Error on bytes that are no chunk.
  std::string_view next(std::string_view& bytes);

  [[nodiscard]] bool finished() const { return state_ == State::Finished; }

 private:
  enum class State { Size, Content, ContentEnd, Trailer, Finished };

  void take_line(std::string_view& bytes);

  State state_ = State::Size;
  std::string line_;
  std::uint64_t left_ = 0;
};

/// A response, read piece by piece.
class Response {
 public:
  /// Blocks for the head.  Throws Unreachable if the connection ends before it.
  explicit Response(Connection& connection);

  [[nodiscard]] const ResponseHead& head() const { return head_; }

  /// The next bytes of the body, valid until the next call; empty at its end.  Throws Unreachable
  /// if it ends too early.
  std::string_view read();

  /// All of it, up to a MiB.
  std::string read_all();

 private:
  bool fill();
  std::string_view take(std::size_t most);

  Connection& connection_;
  std::string buffer_;
  std::string_view ahead_;  // of buffer_: received, not yet delivered
  ResponseHead head_;
  std::optional<std::uint64_t> length_left_;
  std::optional<ChunkedBody> chunked_;
};

/// The value of a query or a segment of a path, with every byte escaped that needs it.
std::string url_encoded(std::string_view text);

}  // namespace dockerapi
