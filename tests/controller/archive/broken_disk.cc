#include "tests/controller/archive/broken_disk.h"

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

// The names that --wrap gives to the real functions.
extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier)
ssize_t __real_pread(int fd, void* bytes, size_t size, off_t offset);
ssize_t __real_preadv2(int fd, const iovec* pieces, int count, off_t offset, int flags);
ssize_t __real_pwrite(int fd, const void* bytes, size_t size, off_t offset);
int __real_fchown(int fd, uid_t user, gid_t group);
int __real_futimens(int fd, const timespec* times);
int __real_syncfs(int fd);
// NOLINTEND(bugprone-reserved-identifier)
}

namespace controller {
namespace {

constexpr int kNever = 0;

// The wrapped functions, which several threads call, have no other way to them.
std::atomic<int>& first_failing() {
  static std::atomic<int> instance{kNever};
  return instance;
}

std::atomic<int>& calls() {
  static std::atomic<int> instance{0};
  return instance;
}

std::atomic<DiskUse>& broken_use() {
  static std::atomic<DiskUse> instance{DiskUse::Read};
  return instance;
}

bool fails(DiskUse use) {
  const int first = first_failing();
  if (first == kNever || use != broken_use() || ++calls() < first) {
    return false;
  }
  errno = EIO;
  return true;
}

}  // namespace

BrokenDisk::BrokenDisk(DiskUse use, int first) : first_(first) {
  broken_use() = use;
  calls() = 0;
  first_failing() = first;
}

BrokenDisk::~BrokenDisk() {
  first_failing() = kNever;
}

bool BrokenDisk::noticed() const {
  return calls() >= first_;
}

}  // namespace controller

using controller::DiskUse;
using controller::fails;

extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl50-cpp)
ssize_t __wrap_pread(int fd, void* bytes, size_t size, off_t offset) {
  return fails(DiskUse::Read) ? -1 : __real_pread(fd, bytes, size, offset);
}

ssize_t __wrap_preadv2(int fd, const iovec* pieces, int count, off_t offset, int flags) {
  return fails(DiskUse::Read) ? -1 : __real_preadv2(fd, pieces, count, offset, flags);
}

ssize_t __wrap_pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  return fails(DiskUse::Write) ? -1 : __real_pwrite(fd, bytes, size, offset);
}

int __wrap_fchown(int fd, uid_t user, gid_t group) {
  return fails(DiskUse::SetOwner) ? -1 : __real_fchown(fd, user, group);
}

int __wrap_futimens(int fd, const timespec* times) {
  return fails(DiskUse::SetTimes) ? -1 : __real_futimens(fd, times);
}

int __wrap_syncfs(int fd) {
  return fails(DiskUse::Sync) ? -1 : __real_syncfs(fd);
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl50-cpp)
}
