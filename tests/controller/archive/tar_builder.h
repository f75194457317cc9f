// Tar archives written by hand, block by block: such as no honest program writes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace controller {

struct RawEntry {
  std::string name;
  char type = '0';
  std::string content;
  std::string link;
  unsigned mode = 0644;
  std::string size_field;  // instead of the content's size, if not empty: 12 bytes at most
};

class TarBuilder {
 public:
  TarBuilder& add(const RawEntry& entry);
  TarBuilder& file(const std::string& name, const std::string& content = "x");
  TarBuilder& directory(const std::string& name);
  TarBuilder& symlink(const std::string& name, const std::string& target);
  TarBuilder& hardlink(const std::string& name, const std::string& target);

  /// A PAX header for the entry that follows.
  TarBuilder& pax(const std::vector<std::pair<std::string, std::string>>& records);

  /// Bytes as they are.
  TarBuilder& raw(const std::string& bytes);

  /// Everything, the end marker included.
  [[nodiscard]] std::string archive() const;

 private:
  std::string bytes_;
};

}  // namespace controller
