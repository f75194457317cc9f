// A stored file taken apart into frames that can be decompressed independently.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "controller/archive/file_descriptor.h"
#include "controller/archive/page_buffer.h"
#include "controller/archive/polite_reader.h"
#include "controller/archive/sha256.h"

namespace controller {

/// Reads a file once from front to back, hashing what it reads.
class HashedFile {
 public:
  /// Throws std::system_error.
  explicit HashedFile(const std::string& path);

  /// At most `size` bytes; fewer only at the end of the file.  Throws std::system_error.
  std::size_t read(char* bytes, std::size_t size);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::uint64_t bytes() const { return offset_; }
  std::string sha256() { return digest_.hex(); }

 private:
  std::string path_;
  FileDescriptor file_;
  PoliteReader reader_;
  Sha256 digest_;
  std::uint64_t offset_ = 0;
};

/// Finds the zstd frames of a file without decompressing them.
class FrameReader {
 public:
  /// Frames above this (stored or raw) are not handed out whole: they would need unbounded memory.
  static constexpr std::size_t kLargestFrame = 8U << 20U;

  explicit FrameReader(HashedFile& file) : file_(file) {}

  /// Puts the next whole frame into `frame` and returns its size; 0 at the end of the file, and
  /// before a frame that is too large: then rest() has its start.  Throws IntegrityError if what
  /// comes next is cut or no frame at all.
  std::size_t next(PageBuffer& frame);

  /// Bytes that were read from the file and not handed out; empty at the end of the file.
  [[nodiscard]] std::string_view rest() const { return carried_; }

 private:
  std::size_t fill(PageBuffer& frame, std::size_t held);

  HashedFile& file_;
  std::string carried_;  // read beyond the end of the last frame
};

/// What the frame will be once decompressed; throws IntegrityError (naming `path`) if it is more
/// than FrameReader::kLargestFrame.
std::size_t raw_size_of(std::string_view frame, const std::string& path);

}  // namespace controller
