// A large block of memory that goes back to the system when it is freed.
#pragma once

#include <cstddef>
#include <utility>

namespace controller {

/// Pages straight from the kernel: the heap would keep what frames of many MiB gave back, and then
/// every process looks as big as it ever was.  Pages never touched cost nothing.
class PageBuffer {
 public:
  PageBuffer() = default;
  /// Throws std::bad_alloc.
  explicit PageBuffer(std::size_t size);
  PageBuffer(PageBuffer&& other) noexcept
      : bytes_(std::exchange(other.bytes_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  PageBuffer& operator=(PageBuffer&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~PageBuffer();

  [[nodiscard]] char* bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  char* bytes_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace controller
