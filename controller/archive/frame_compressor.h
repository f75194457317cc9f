// One piece of a stream as a frame that can be decompressed on its own.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "controller/archive/compression.h"
#include "controller/archive/page_buffer.h"

namespace controller {

/// Compresses frames one after the other; one thread at a time.  Frames put one behind the other
/// are a stream that stock zstd or gzip reads.
class FrameCompressor {
 public:
  virtual ~FrameCompressor() = default;

  /// Most bytes that a frame of `raw` bytes can become.
  [[nodiscard]] virtual std::size_t bound(std::size_t raw) const = 0;

  /// Writes the frame to `out`, which holds bound(raw.size()); returns its size.
  virtual std::size_t compress(std::string_view raw, PageBuffer& out) = 0;
};

/// Absent for Method::None: there bytes are stored as they are.
std::unique_ptr<FrameCompressor> frame_compressor(const Compression& compression);

}  // namespace controller
