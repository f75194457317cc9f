// Which jobs' processes are alive, whichever container of the host they run in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "controller/archive/file_descriptor.h"

namespace controller {

/// A file whose N-th byte is locked by the process that does job N.  The kernel lets go of it when
/// that process ends, however it ends.  The locks belong to the process: it may have one such
/// object only, since closing any descriptor of the file gives up all of them (fcntl(2), "record
/// locks"), and it does not see its own.
class JobLocks {
 public:
  /// Creates the file if missing.  Throws std::system_error.
  explicit JobLocks(const std::filesystem::path& file);

  /// Throws std::system_error, also if another process has it.
  void take(std::int64_t number);
  void give_up(std::int64_t number);

  /// Who has it, as this process's PID namespace numbers it; 0: somebody in another one.  Absent:
  /// nobody but perhaps this process.  Throws std::system_error.
  [[nodiscard]] std::optional<int> holder(std::int64_t number) const;

 private:
  FileDescriptor file_;
};

}  // namespace controller
