// Where users, tokens, sessions and the audit log are kept.
#pragma once

#include <chrono>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>

#include "controller/jobs/book_file.h"

namespace controller {

/// The file cannot be read or written.
class AccessError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One SQLite file that only its owner reads; several processes may have it open.
class AccessFile {
 public:
  /// Creates the file and its folder if missing.  Throws AccessError.
  explicit AccessFile(const std::filesystem::path& file);

  /// Calls `work` with the database, for one thread at a time; what it throws of the database comes
  /// out as AccessError.
  template <typename Work>
  auto with(Work work) {
    const std::scoped_lock lock(mutex_);
    return translated([&] { return work(database_.get()); });
  }

 private:
  template <typename Work>
  static auto translated(Work work) {
    try {
      return work();
    } catch (const AccessError&) {
      throw;
    } catch (const std::exception& error) {
      throw AccessError(std::string("who may do what cannot be looked up: ") + error.what());
    }
  }

  std::mutex mutex_;
  BookFile database_;
};

}  // namespace controller
