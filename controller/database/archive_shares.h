// How an archive is divided among several sessions that load it at the same time.
//
// As pg_restore --jobs would do it, which needs a file that it can seek in: first the structure;
// then the shares, each with the rows of some tables and with what can be built as soon as one
// table's rows are there; then the rest, foreign keys, triggers and grants among it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/database/archive_toc.h"

namespace controller {

class ArchiveShares {
 public:
  /// `bytes` of data by the id of the entry that has them; at most `most` shares.
  ArchiveShares(const std::map<int, std::uint64_t>& bytes, unsigned most);

  /// Entries in the order in which the archive has them.
  void add(const ArchiveEntry& entry);

  /// Of no use if it is less than two.
  [[nodiscard]] std::size_t count() const { return shares_.size(); }

  [[nodiscard]] const std::set<int>& structure() const { return structure_; }
  [[nodiscard]] const std::set<int>& share(std::size_t number) const { return shares_.at(number); }
  [[nodiscard]] const std::set<int>& rest() const { return rest_; }

 private:
  std::size_t lightest_ = 0;
  std::map<int, std::size_t> share_of_data_;   // by the id of the data's entry
  std::map<int, std::size_t> share_of_table_;  // by the id of the table's own entry
  ArchiveEntry::Section section_ = ArchiveEntry::Section::PreData;
  std::set<int> structure_;
  std::vector<std::set<int>> shares_;
  std::set<int> rest_;
};

}  // namespace controller
