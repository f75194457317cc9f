#include "dockerapi/http_message.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "dockerapi/error.h"

namespace dockerapi {

namespace {

constexpr std::size_t kBufferBytes = 1 << 20;
constexpr std::size_t kLongestHead = 64 * 1024;
constexpr std::size_t kLongestChunkLine = 4096;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return result;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

template <typename Number>
Number number_from(std::string_view text, int base, const std::string& what) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw Error("the engine's answer is not HTTP: " + what + " '" + std::string(text) + "'");
  }
  return number;
}

}  // namespace

std::string ResponseHead::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

ResponseHead response_head_from(std::string_view text) {
  ResponseHead head;
  constexpr std::size_t kStatusAt = 9;
  constexpr std::size_t kStatusDigits = 3;
  if (!text.starts_with("HTTP/1.") || text.size() < kStatusAt + kStatusDigits) {
    throw Error("the engine's answer is not HTTP: '" + std::string(text.substr(0, 80)) + "'");
  }
  head.status = number_from<int>(text.substr(kStatusAt, kStatusDigits), 10, "status");
  auto rest = text.substr(std::min(text.find('\n'), text.size() - 1) + 1);
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const auto colon = line.find(':');
    if (colon != std::string_view::npos) {
      head.headers[lower(trimmed(line.substr(0, colon)))] = trimmed(line.substr(colon + 1));
    }
  }
  return head;
}

void ChunkedBody::take_line(std::string_view& bytes) {
  const auto newline = bytes.find('\n');
  line_ += bytes.substr(0, newline);
  if (line_.size() > kLongestChunkLine) {
    throw Error("the engine's answer is not HTTP: a chunk's size is too long");
  }
  bytes.remove_prefix(newline == std::string_view::npos ? bytes.size() : newline + 1);
  if (newline == std::string_view::npos) {
    return;
  }
  const std::string line(trimmed(line_));
  line_.clear();
  switch (state_) {
    case State::Size:
      left_ = number_from<std::uint64_t>(trimmed(std::string_view(line).substr(0, line.find(';'))),
                                         16, "chunk size");
      state_ = left_ == 0 ? State::Trailer : State::Content;
      break;
    case State::ContentEnd:
      if (!line.empty()) {
        throw Error("the engine's answer is not HTTP: a chunk is longer than its size");
      }
      state_ = State::Size;
      break;
    case State::Trailer:
      state_ = line.empty() ? State::Finished : State::Trailer;
      break;
    case State::Content:
    case State::Finished:
      break;
  }
}

std::string_view ChunkedBody::next(std::string_view& bytes) {
  while (!bytes.empty() && !finished()) {
    if (state_ != State::Content) {
      take_line(bytes);
      continue;
    }
    const auto content = bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size()));
    bytes.remove_prefix(content.size());
    left_ -= content.size();
    state_ = left_ == 0 ? State::ContentEnd : State::Content;
    return content;
  }
  return {};
}

Response::Response(Connection& connection) : connection_(connection) {
  std::string head;
  std::size_t end = std::string::npos;
  while (end == std::string::npos) {
    if (!fill()) {
      throw Unreachable("the engine closed the connection without an answer");
    }
    const auto searched = head.size() < 3 ? 0 : head.size() - 3;
    head += ahead_;
    end = head.find("\r\n\r\n", searched);
    if (end == std::string::npos && head.size() > kLongestHead) {
      throw Error("the engine's answer is not HTTP: its head does not end");
    }
  }
  end += 4;
  // What follows the head in the same packet belongs to the body.
  ahead_.remove_prefix(ahead_.size() - (head.size() - end));
  head_ = response_head_from(std::string_view(head).substr(0, end));
  if (lower(head_.header("transfer-encoding")) == "chunked") {
    chunked_.emplace();
  } else if (const auto length = head_.header("content-length"); !length.empty()) {
    length_left_ = number_from<std::uint64_t>(length, 10, "content length");
  }
}

bool Response::fill() {
  buffer_.resize(kBufferBytes);
  const auto count = connection_.read(buffer_.data(), buffer_.size());
  ahead_ = std::string_view(buffer_).substr(0, count);
  return count > 0;
}

std::string_view Response::take(std::size_t most) {
  const auto bytes = ahead_.substr(0, most);
  ahead_.remove_prefix(bytes.size());
  return bytes;
}

std::string_view Response::read() {
  for (;;) {
    if (length_left_ == 0U || (chunked_ && chunked_->finished())) {
      return {};
    }
    if (ahead_.empty() && !fill()) {
      if (chunked_ || length_left_) {
        throw Unreachable("the engine's answer ended too early");
      }
      return {};
    }
    if (chunked_) {
      const auto content = chunked_->next(ahead_);
      if (!content.empty()) {
        return content;
      }
      continue;
    }
    const auto bytes =
        take(length_left_ ? std::min<std::uint64_t>(*length_left_, ahead_.size()) : ahead_.size());
    if (length_left_) {
      *length_left_ -= bytes.size();
    }
    return bytes;
  }
}

std::string Response::read_all() {
  constexpr std::size_t kMost = 1 << 20;
  std::string all;
  for (auto bytes = read(); !bytes.empty() && all.size() < kMost; bytes = read()) {
    all += bytes;
  }
  return all;
}

std::string url_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~";
  std::string encoded;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                          (byte >= '0' && byte <= '9') || kPlain.find(letter) != kPlain.npos;
    if (is_plain) {
      encoded += letter;
    } else {
      encoded += '%';
      encoded += kDigits[byte >> 4U];
      encoded += kDigits[byte & 15U];
    }
  }
  return encoded;
}

}  // namespace dockerapi
