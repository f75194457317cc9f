// Reading a large file once, without pushing out of the page cache what others had there.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace controller {

/// Reads a file front to back.  Asks the kernel to read ahead, and gives back the pages that only
/// this reading brought in; pages that were cached before stay.
class PoliteReader {
 public:
  /// `fd` stays the caller's and must outlive this.
  explicit PoliteReader(int fd);
  PoliteReader(const PoliteReader&) = delete;
  PoliteReader& operator=(const PoliteReader&) = delete;
  ~PoliteReader();

  /// As pread(2), EINTR absorbed.  Offsets must not decrease.
  ssize_t read(std::uint64_t offset, char* bytes, std::size_t size);

 private:
  void enter_stretch(std::uint64_t offset);
  void leave_stretch();
  [[nodiscard]] bool bring_in(std::uint64_t offset) const;

  int fd_;
  std::uint64_t start_ = 0;  // of the stretch that is being read
  std::uint64_t end_ = 0;
  bool brought_in_ = false;       // its pages were not there before
  bool next_brought_in_ = false;  // nor those of the one behind it
};

}  // namespace controller
