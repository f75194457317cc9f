// Archives in pg_dump's custom format, made up byte by byte.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace controller {

struct SampleEntry {
  int id = 1;
  bool has_data = false;
  std::string tag{};
  std::string description{};
  std::string definition{};
  std::string copy_statement{};
  std::string schema = "public";
  std::string tablespace{};
};

class ArchiveSample {
 public:
  explicit ArchiveSample(int revision = 14) : revision_(revision) {}

  ArchiveSample& entry(SampleEntry entry);

  /// A table's entry, and its rows in chunks of `chunk` bytes.
  ArchiveSample& table(int id, const std::string& name, const std::string& rows,
                       std::size_t chunk = 1000);
  ArchiveSample& large_objects(int id,
                               const std::vector<std::pair<std::int64_t, std::string>>& all);

  /// Replaces the header's compression.
  ArchiveSample& compressed(int level);

  [[nodiscard]] std::string bytes() const;

 private:
  int revision_;
  int compression_ = 0;
  std::vector<SampleEntry> entries_;
  std::string data_;
};

}  // namespace controller
