// A dump of either format, read through.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "controller/database/database_driver.h"
#include "controller/database/dump_contents.h"

namespace controller {

class DumpStream {
 public:
  explicit DumpStream(DumpFormat format);
  DumpStream(const DumpStream&) = delete;
  DumpStream& operator=(const DumpStream&) = delete;
  ~DumpStream();

  /// Before the first bytes.
  void watch(RowWatcher watcher);

  /// Throw IntegrityError.
  void feed(std::string_view bytes);
  DumpContents finish();

 private:
  struct Readers;
  std::unique_ptr<Readers> readers_;
};

/// The record's format.  Throws DatabaseError if it is none of ours.
DumpFormat dump_format(const DatabaseRecord& record);

/// Reads a stored dump through to its end.  Throws IntegrityError, also if the file is not the one
/// that the record describes, and std::system_error if it cannot be read.
DumpContents contents_of(const DatabaseRecord& record, const std::filesystem::path& file);

/// As above.  Throws IntegrityError also if its rows are not what the record says.
DumpContents validated_contents(const DatabaseRecord& record, const std::filesystem::path& file);

/// What is in a stored dump without reading its rows, if the record says enough of them: how large
/// each table is, and that there is nothing else.  Throws as contents_of() does.
std::optional<DumpContents> outlined_contents(const DatabaseRecord& record,
                                              const std::filesystem::path& file);

}  // namespace controller
