// The multiplexing of stdout and stderr on a hijacked stream without a terminal.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dockerapi/stream.h"

namespace dockerapi {

/// A frame is: u8 channel (1 stdout, 2 stderr), three zero bytes, u32 big-endian length, payload.
/// Frames may be cut anywhere by the network.
class FrameDecoder {
 public:
  /// The next output at the front of `bytes`, which is shortened by what was used; absent when
  /// more bytes are needed.  What is delivered points into `bytes`.  Throws Error on what cannot
  /// be a frame.
  std::optional<Chunk> next(std::string_view& bytes);

  /// True inside a frame: an end here is a cut, not an end.
  [[nodiscard]] bool inside_frame() const { return header_bytes_ > 0 || payload_left_ > 0; }

 private:
  static constexpr std::size_t kHeaderBytes = 8;

  void read_header();

  std::array<unsigned char, kHeaderBytes> header_{};
  std::size_t header_bytes_ = 0;
  Channel channel_ = Channel::Stdout;
  std::uint32_t payload_left_ = 0;
};

}  // namespace dockerapi
