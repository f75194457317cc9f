#include "controller/database/archive_filter.h"

#include <utility>

namespace controller {

ArchiveFilter::ArchiveFilter(std::function<EntryFate(const ArchiveEntry&)> decide)
    : decide_(std::move(decide)),
      toc_(
          [this](const ArchiveHeader& header) {
            int_size_ = header.int_size;
            header_ = header.raw;
          },
          [this](const ArchiveEntry& entry) { take(entry); }) {}

void ArchiveFilter::take(const ArchiveEntry& entry) {
  if (!entry.has_data && wanted_) {
    wanted_->erase(entry.id);  // nothing of it will come
  }
  const EntryFate fate = decide_(entry);
  if (!fate.kept) {
    return;
  }
  ++kept_;
  if (!fate.definition || entry.definition.empty()) {
    entries_.append(entry.raw);
    return;
  }
  const auto start = static_cast<std::size_t>(entry.definition.data() - entry.raw.data());
  entries_.append(entry.raw.substr(0, start - 1 - int_size_));
  entries_.append(archive_integer(static_cast<std::int64_t>(fate.definition->size()), int_size_));
  entries_.append(*fate.definition);
  entries_.append(entry.raw.substr(start + entry.definition.size()));
}

std::string_view ArchiveFilter::filter(std::string_view bytes) {
  if (passed_) {
    return blocks_ ? blocks_->filter(bytes) : bytes;
  }
  const auto data = toc_.feed(bytes);
  if (!toc_.done()) {
    return {};
  }
  passed_ = true;
  header_.append(archive_integer(kept_, int_size_));
  header_.append(entries_);
  if (wanted_) {
    blocks_.emplace(*wanted_, int_size_);
  }
  header_.append(blocks_ ? blocks_->filter(data) : data);
  entries_ = {};
  return header_;
}

}  // namespace controller
