#include "controller/archive/stored_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "controller/archive/system_call.h"

namespace controller {
namespace {

constexpr std::uint64_t kPushed = 8U << 20U;   // written back in pieces of this size
constexpr std::uint64_t kBehind = 64U << 20U;  // by then a piece has usually reached the disk

off_t offset(std::uint64_t bytes) {
  return static_cast<off_t>(bytes);
}

}  // namespace

StoredFile::StoredFile(std::filesystem::path path)
    : path_(std::move(path)),
      file_(::open(path_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC,
                   S_IRUSR | S_IWUSR)) {
  if (!file_) {
    throw_errno("create", path_.string());
  }
}

StoredFile::~StoredFile() {
  if (!finished_) {
    ::unlink(path_.c_str());
  }
}

void StoredFile::write(std::string_view bytes) {
  digest_.add(bytes);
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.fd(), bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      throw_errno("write", path_.string());
    }
    if (written > 0) {
      size_ += static_cast<std::uint64_t>(written);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  push_out();
}

// Both calls are advice: a file system that does not know them stores the same bytes.
void StoredFile::push_out() {
  for (; size() - pushed_ >= kPushed; pushed_ += kPushed) {
    ::sync_file_range(file_.fd(), offset(pushed_), offset(kPushed), SYNC_FILE_RANGE_WRITE);
    if (pushed_ >= kBehind) {
      ::posix_fadvise(file_.fd(), offset(pushed_ - kBehind), offset(kPushed), POSIX_FADV_DONTNEED);
    }
  }
}

std::string StoredFile::finish() {
  if (::fsync(file_.fd()) != 0) {
    throw_errno("sync", path_.string());
  }
  finished_ = true;
  ::posix_fadvise(file_.fd(), 0, 0, POSIX_FADV_DONTNEED);
  return digest_.hex();
}

}  // namespace controller
