// Decompression of a stream of any shape, one thread, bounded memory.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "controller/archive/compression.h"

namespace controller {

/// Takes stored bytes in pieces of any size and hands on raw ones.
class StreamDecoder {
 public:
  using Output = std::function<void(std::string_view)>;

  virtual ~StreamDecoder() = default;

  /// Decompresses `stored`, giving raw bytes to `output` in pieces.
  /// Throws IntegrityError, which names the file, if the stream is damaged.
  virtual void decode(std::string_view stored, const Output& output) = 0;

  /// The stream has ended.  Throws IntegrityError if it must not end here.
  virtual void end() = 0;
};

/// `path` is for messages.  For Method::None bytes go through as they are.
std::unique_ptr<StreamDecoder> stream_decoder(Compression::Method method, const std::string& path);

/// The highest zstd window accepted: what `zstd --long` writes, and what a decoder must hold.
constexpr int kLargestWindowLog = 27;

}  // namespace controller
