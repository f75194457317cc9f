#include "dockerapi/frame_decoder.h"

#include <algorithm>
#include <cstring>

#include "dockerapi/error.h"

namespace dockerapi {

std::optional<Chunk> FrameDecoder::next(std::string_view& bytes) {
  while (!bytes.empty()) {
    if (payload_left_ > 0) {
      const auto payload = bytes.substr(0, std::min<std::size_t>(payload_left_, bytes.size()));
      bytes.remove_prefix(payload.size());
      payload_left_ -= static_cast<std::uint32_t>(payload.size());
      return Chunk{channel_, payload};
    }
    const auto piece = bytes.substr(0, kHeaderBytes - header_bytes_);
    std::memcpy(header_.data() + header_bytes_, piece.data(), piece.size());
    header_bytes_ += piece.size();
    bytes.remove_prefix(piece.size());
    if (header_bytes_ == kHeaderBytes) {
      read_header();
      header_bytes_ = 0;
    }
  }
  return std::nullopt;
}

void FrameDecoder::read_header() {
  // 0 is an echo of stdin, 3 an error of the engine itself: both go where a person looks.
  constexpr unsigned char kStdout = 1;
  constexpr unsigned char kEngineError = 3;
  if (header_[0] > kEngineError || header_[1] != 0 || header_[2] != 0 || header_[3] != 0) {
    throw Error("the engine's stream is not made of frames");
  }
  channel_ = header_[0] == kStdout ? Channel::Stdout : Channel::Stderr;
  payload_left_ = 0;
  for (std::size_t at = 4; at < kHeaderBytes; ++at) {
    payload_left_ = payload_left_ << 8U | header_[at];
  }
}

}  // namespace dockerapi
