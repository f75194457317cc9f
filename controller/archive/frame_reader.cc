#include "controller/archive/frame_reader.h"

#include <fcntl.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstring>

#include "controller/archive/artifact.h"
#include "controller/archive/system_call.h"

namespace controller {
namespace {

constexpr std::size_t kStep = 256U << 10U;  // frames are looked for in steps of this size

bool too_large(std::string_view start) {
  const unsigned long long raw = ZSTD_getFrameContentSize(start.data(), start.size());
  // Unknown, or more than we hold; an error means that the header is not complete yet.
  return raw == ZSTD_CONTENTSIZE_UNKNOWN ||
         (raw != ZSTD_CONTENTSIZE_ERROR && raw > FrameReader::kLargestFrame);
}

}  // namespace

HashedFile::HashedFile(const std::string& path)
    : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), reader_(file_.fd()) {
  if (!file_) {
    throw_errno("open", path);
  }
}

std::size_t HashedFile::read(char* bytes, std::size_t size) {
  std::size_t total = 0;
  while (total < size) {
    const ssize_t got = reader_.read(offset_, bytes + total, size - total);
    if (got < 0) {
      throw_errno("read", path_);
    }
    if (got == 0) {
      break;
    }
    digest_.add({bytes + total, static_cast<std::size_t>(got)});
    total += static_cast<std::size_t>(got);
    offset_ += static_cast<std::uint64_t>(got);
  }
  return total;
}

// One more step of the file behind the `held` bytes in `frame`; how many there are then.
std::size_t FrameReader::fill(PageBuffer& frame, std::size_t held) {
  return held + file_.read(frame.bytes() + held, std::min(kStep, frame.size() - held));
}

std::size_t FrameReader::next(PageBuffer& frame) {
  if (frame.size() < kLargestFrame) {
    frame = PageBuffer(kLargestFrame);
  }
  std::size_t held = carried_.size();
  std::memcpy(frame.bytes(), carried_.data(), held);
  if (held == 0) {
    held = fill(frame, held);
  }
  for (;;) {
    const std::string_view bytes(frame.bytes(), held);
    const std::size_t size = ZSTD_findFrameCompressedSize(bytes.data(), bytes.size());
    if (held == 0 || (ZSTD_isError(size) == 0 && !too_large(bytes))) {
      carried_ = bytes.substr(held == 0 ? 0 : size);
      return held == 0 ? 0 : size;
    }
    if (ZSTD_isError(size) != 0 && ZSTD_getErrorCode(size) != ZSTD_error_srcSize_wrong) {
      throw IntegrityError(file_.path() + " is damaged: no zstd frame before byte " +
                           std::to_string(file_.bytes()));
    }
    if (held == frame.size() || too_large(bytes)) {
      carried_ = bytes;
      return 0;
    }
    const std::size_t before = held;
    held = fill(frame, held);
    if (held == before) {
      throw IntegrityError(file_.path() + " is cut: it ends within a zstd frame");
    }
  }
}

std::size_t raw_size_of(std::string_view frame, const std::string& path) {
  const unsigned long long raw = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (raw > FrameReader::kLargestFrame) {
    throw IntegrityError(path + " is damaged: a zstd frame with an impossible size");
  }
  return raw;
}

}  // namespace controller
