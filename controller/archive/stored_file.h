// The file behind an artifact while it is written.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "controller/archive/file_descriptor.h"
#include "controller/archive/sha256.h"

namespace controller {

/// A new file that is hashed as it is written, and removed again unless it was finished.
///
/// Its pages are sent to the disk as they come, so that the last sync is short, and leave the page
/// cache once they are there: nobody reads a backup soon, while the stack needs what it had cached.
class StoredFile {
 public:
  /// Throws std::system_error or NoSpace if it cannot be created; it must not exist.
  explicit StoredFile(std::filesystem::path path);
  StoredFile(const StoredFile&) = delete;
  StoredFile& operator=(const StoredFile&) = delete;
  ~StoredFile();

  /// Throws NoSpace or std::system_error.
  void write(std::string_view bytes);

  /// Syncs it and returns the SHA-256 of its bytes.  If this throws, the file is removed.
  std::string finish();

  /// May be asked from any thread.
  [[nodiscard]] std::uint64_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  void push_out();

  std::filesystem::path path_;
  FileDescriptor file_;
  Sha256 digest_;
  std::atomic<std::uint64_t> size_{0};
  std::uint64_t pushed_ = 0;  // bytes whose writing to the disk has been started
  bool finished_ = false;
};

}  // namespace controller
