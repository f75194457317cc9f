// Owner, mode, attributes and times put back on what was extracted.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "controller/archive/tree_entry.h"
#include "controller/archive/volume_archive.h"

namespace controller {

/// Sets attributes through descriptors only.  What the platform does not allow is counted, not
/// thrown: a warning per kind of attribute says of how many entries it is missing.  Any thread.
class AttributeWriter {
 public:
  /// A regular file or directory that is open for real.
  void apply(int fd, const TreeEntry& entry);

  /// A regular file this process has just made with the permissions of `entry` in a directory from
  /// which nothing is inherited: what it has already is not set again.
  void apply_to_new(int fd, const TreeEntry& entry);

  /// Anything but a link, open with O_PATH only.
  void apply_by_handle(int handle, const TreeEntry& entry);

  /// A symbolic link `name` in `directory`.
  void apply_to_link(int directory, const std::string& name, const TreeEntry& entry);

  /// Counts something that could not be restored.
  void miss(const std::string& what, const std::string& path);

  [[nodiscard]] std::vector<ArchiveWarning> warnings() const;

 private:
  void set_times(int fd, const TreeEntry& entry);

  template <typename Set>
  void set_attributes(const TreeEntry& entry, bool capability, const Set& set);

  mutable std::mutex mutex_;
  // What is missing: an entry it is missing of, and how many there are.
  std::map<std::string, std::pair<std::string, std::size_t>> missing_;
};

}  // namespace controller
