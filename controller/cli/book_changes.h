// When there is something new in the job book.
#pragma once

#include <filesystem>

#include "controller/archive/file_descriptor.h"

namespace controller {

/// Writes to the book, by whichever process.
class BookChanges {
 public:
  /// Throws std::system_error.
  explicit BookChanges(const std::filesystem::path& book);

  /// Until there is one, but for a second at most: the end of a killed process is written nowhere.
  void wait();

 private:
  FileDescriptor watch_;
};

}  // namespace controller
