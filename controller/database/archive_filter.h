// Leaves entries out of a pg_dump archive while it streams to pg_restore's standard input, where no
// list file can be given.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "controller/database/archive_blocks.h"
#include "controller/database/archive_toc.h"

namespace controller {

/// What becomes of an entry of the table of contents.
struct EntryFate {
  bool kept = true;
  std::optional<std::string> definition;  // instead of its own
};

/// Rewrites header and table of contents.  The data passes through as it is, unless only that of
/// some entries is wanted: pg_restore skips data of entries that it does not know.
class ArchiveFilter {
 public:
  explicit ArchiveFilter(std::function<EntryFate(const ArchiveEntry&)> decide);

  /// Before the first bytes: leaves out the data of all other entries.  Some may have none.
  void only_data_of(std::set<int> ids) { wanted_ = std::move(ids); }

  /// Takes the next bytes and returns those to pass on, valid until the next call: nothing until
  /// the table of contents is complete.  Throws IntegrityError if this is no archive.
  std::string_view filter(std::string_view bytes);

  /// True once the table of contents was passed on.
  [[nodiscard]] bool past_contents() const { return passed_; }

  /// True once all that is wanted was passed on.
  [[nodiscard]] bool done() const { return passed_ && blocks_ && blocks_->done(); }

 private:
  void take(const ArchiveEntry& entry);

  std::function<EntryFate(const ArchiveEntry&)> decide_;
  ArchiveTocParser toc_;
  std::optional<std::set<int>> wanted_;
  std::optional<ArchiveBlocks> blocks_;
  unsigned int_size_ = 4;
  std::string header_;
  std::string entries_;
  std::int64_t kept_ = 0;
  bool passed_ = false;
};

}  // namespace controller
