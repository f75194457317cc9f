#include "controller/archive/polite_reader.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

namespace controller {
namespace {

constexpr std::uint64_t kStretch = 8U << 20U;

// True unless a read there would have to wait for the disk.  Asking reads at most one page, as
// long as the kernel does not read ahead for it.
bool is_cached(int fd, std::uint64_t offset) {
  char byte = 0;
  const iovec one{&byte, 1};
  return ::preadv2(fd, &one, 1, static_cast<off_t>(offset), RWF_NOWAIT) >= 0 || errno != EAGAIN;
}

}  // namespace

PoliteReader::PoliteReader(int fd) : fd_(fd) {}

PoliteReader::~PoliteReader() {
  leave_stretch();
}

void PoliteReader::enter_stretch(std::uint64_t offset) {
  leave_stretch();
  brought_in_ = offset == end_ && offset > 0 ? next_brought_in_ : bring_in(offset);
  start_ = offset;
  end_ = offset + kStretch;
  next_brought_in_ = bring_in(end_);
}

// Starts reading the stretch at `offset` unless it is cached; says whether it was not.
bool PoliteReader::bring_in(std::uint64_t offset) const {
  ::posix_fadvise(fd_, 0, 0, POSIX_FADV_RANDOM);
  const bool cached = is_cached(fd_, offset) && is_cached(fd_, offset + kStretch / 2);
  ::posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
  if (!cached) {
    ::posix_fadvise(fd_, static_cast<off_t>(offset), static_cast<off_t>(kStretch),
                    POSIX_FADV_WILLNEED);
  }
  return !cached;
}

void PoliteReader::leave_stretch() {
  if (brought_in_) {
    ::posix_fadvise(fd_, static_cast<off_t>(start_), static_cast<off_t>(end_ - start_),
                    POSIX_FADV_DONTNEED);
  }
  brought_in_ = false;
}

ssize_t PoliteReader::read(std::uint64_t offset, char* bytes, std::size_t size) {
  if (offset >= end_) {
    enter_stretch(offset);
  }
  for (;;) {
    const ssize_t got = ::pread(fd_, bytes, size, static_cast<off_t>(offset));
    if (got >= 0 || errno != EINTR) {
      return got;
    }
  }
}

}  // namespace controller
