#include "controller/snapshot/store_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "controller/archive/file_descriptor.h"
#include "controller/archive/system_call.h"
#include "controller/clock.h"
#include "controller/snapshot/store_files.h"

namespace controller {
namespace {

class LockFile : public StoreLock {
 public:
  explicit LockFile(FileDescriptor file) : file_(std::move(file)) {}
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

  /// The file stays: were it removed, two processes could each hold a lock on a file of that name.
  ~LockFile() override {
    // Its text is a courtesy to whoever finds it locked; a failure changes nothing.
    [[maybe_unused]] const int result = ::ftruncate(file_.fd(), 0);
  }

 private:
  FileDescriptor file_;
};

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "an unnamed host";
}

/// In a container the host's name is the container's id, unless somebody set another.
std::string owner_text(const std::string& purpose) {
  return "\"" + purpose + "\" (process " + std::to_string(::getpid()) + " on " + host_name() +
         ", since " + rfc3339(std::chrono::system_clock::now()) + ")";
}

/// A full disk must not keep anybody from locking, since deleting needs the lock: errors are left
/// alone.
void introduce(const FileDescriptor& file, const std::string& purpose) {
  const std::string text = owner_text(purpose) + "\n";
  if (::ftruncate(file.fd(), 0) == 0) {
    [[maybe_unused]] const auto written = ::pwrite(file.fd(), text.data(), text.size(), 0);
  }
}

/// The first line, fit to be shown whatever is in the file.
std::string owner_of(const FileDescriptor& file) {
  std::array<char, 512> bytes{};
  const ssize_t size = ::pread(file.fd(), bytes.data(), bytes.size(), 0);
  std::string_view text(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  text = text.substr(0, text.find('\n'));
  std::string shown;
  for (const char one : text) {
    shown += static_cast<unsigned char>(one) < 0x20 || one == 0x7F ? '?' : one;
  }
  return shown.empty() ? "another process" : shown;
}

}  // namespace

std::unique_ptr<StoreLock> lock_store(const std::filesystem::path& root,
                                      const std::string& purpose) {
  const auto folder = root / ".cofferdam";
  const auto path = folder / "lock";
  make_directory(folder);
  FileDescriptor file(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) {
    throw_errno("open", path);
  }
  if (::flock(file.fd(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      throw_errno("lock", path);
    }
    throw StoreLocked("the store " + root.string() + " is held by " + owner_of(file) +
                      ". Wait until it has ended, or stop it: the lock goes with its process");
  }
  introduce(file, purpose);
  return std::make_unique<LockFile>(std::move(file));
}

}  // namespace controller
