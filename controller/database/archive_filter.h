// Leaves entries out of a pg_dump archive while it streams to pg_restore's standard input, where no
// list file can be given.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "controller/database/archive_toc.h"

namespace controller {

/// What becomes of an entry of the table of contents.
struct EntryFate {
  bool kept = true;
  std::optional<std::string> definition;  // instead of its own
};

/// Rewrites header and table of contents; the data passes through as it is: pg_restore skips data
/// of entries that it does not know.
class ArchiveFilter {
 public:
  explicit ArchiveFilter(std::function<EntryFate(const ArchiveEntry&)> decide);

  /// Takes the next bytes and returns those to pass on, valid until the next call: nothing until
  /// the table of contents is complete.  Throws IntegrityError if this is no archive.
  std::string_view filter(std::string_view bytes);

  /// True once the table of contents was passed on.
  [[nodiscard]] bool past_contents() const { return passed_; }

 private:
  void take(const ArchiveEntry& entry);

  std::function<EntryFate(const ArchiveEntry&)> decide_;
  ArchiveTocParser toc_;
  unsigned int_size_ = 4;
  std::string header_;
  std::string entries_;
  std::int64_t kept_ = 0;
  bool passed_ = false;
};

}  // namespace controller
