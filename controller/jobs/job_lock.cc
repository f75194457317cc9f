#include "controller/jobs/job_lock.h"

#include <fcntl.h>

#include <cerrno>
#include <system_error>

namespace controller {

namespace {

struct flock byte_lock(short type, std::int64_t number) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = number;
  lock.l_len = 1;
  return lock;
}

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

JobLocks::JobLocks(const std::filesystem::path& file)
    : file_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (!file_) {
    fail(("cannot open " + file.string()).c_str());
  }
}

void JobLocks::take(std::int64_t number) {
  auto lock = byte_lock(F_WRLCK, number);
  if (::fcntl(file_.fd(), F_SETLK, &lock) != 0) {
    fail("cannot lock a job");
  }
}

void JobLocks::give_up(std::int64_t number) {
  auto lock = byte_lock(F_UNLCK, number);
  ::fcntl(file_.fd(), F_SETLK, &lock);
}

std::optional<int> JobLocks::holder(std::int64_t number) const {
  auto lock = byte_lock(F_WRLCK, number);
  if (::fcntl(file_.fd(), F_GETLK, &lock) != 0) {
    fail("cannot look at a job's lock");
  }
  return lock.l_type == F_UNLCK ? std::nullopt : std::optional<int>(lock.l_pid);
}

}  // namespace controller
