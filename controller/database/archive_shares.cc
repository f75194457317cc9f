#include "controller/database/archive_shares.h"

#include <algorithm>
#include <utility>

namespace controller {

namespace {

using Section = ArchiveEntry::Section;

/// Less is not worth a session of its own.
constexpr std::uint64_t kSmallestShare = std::uint64_t{8} << 20U;

bool is_index(const ArchiveEntry& entry) {
  return entry.description == "INDEX" || entry.description == "CONSTRAINT";
}

}  // namespace

ArchiveShares::ArchiveShares(const std::map<int, std::uint64_t>& bytes, unsigned most) {
  std::vector<std::pair<std::uint64_t, int>> by_size;
  std::uint64_t total = 0;
  for (const auto& [id, size] : bytes) {
    by_size.emplace_back(size, id);
    total += size;
  }
  std::sort(by_size.rbegin(), by_size.rend());
  const auto worth = std::min<std::uint64_t>({most, by_size.size(), total / kSmallestShare});
  std::vector<std::uint64_t> loads(std::max<std::size_t>(worth, 1));
  // The largest first, each to whoever has least to do.
  for (const auto& [size, id] : by_size) {
    const auto least = std::min_element(loads.begin(), loads.end());
    share_of_data_[id] = static_cast<std::size_t>(least - loads.begin());
    *least += size;
  }
  shares_.resize(loads.size());
  lightest_ =
      static_cast<std::size_t>(std::min_element(loads.begin(), loads.end()) - loads.begin());
}

void ArchiveShares::add(const ArchiveEntry& entry) {
  if (entry.section != Section::None) {
    section_ = entry.section;
  }
  const auto data = share_of_data_.find(entry.id);
  if (data != share_of_data_.end()) {
    shares_[data->second].insert(entry.id);
    for (const int table : entry.dependencies) {
      share_of_table_[table] = data->second;
    }
    return;
  }
  if (entry.has_data) {
    shares_[lightest_].insert(entry.id);  // large objects
    return;
  }
  if (is_index(entry)) {
    for (const int table : entry.dependencies) {
      if (const auto owner = share_of_table_.find(table); owner != share_of_table_.end()) {
        shares_[owner->second].insert(entry.id);
        return;
      }
    }
  }
  if (entry.description == "BLOB METADATA") {
    structure_.insert(entry.id);  // creates large objects, from PostgreSQL 17 on among the data
    return;
  }
  // Grants may take away what the load itself needs.
  const bool early = section_ == Section::PreData && entry.description != "ACL";
  (early ? structure_ : rest_).insert(entry.id);
}

}  // namespace controller
