// The directories that lead to where an extraction is writing.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/archive/file_descriptor.h"
#include "controller/archive/tree_entry.h"

namespace controller {

/// An open directory, for as long as somebody holds it, and what tells it from others.
struct OpenDirectory {
  std::shared_ptr<const FileDescriptor> descriptor;
  dev_t device = 0;
  ino_t inode = 0;

  [[nodiscard]] int fd() const { return descriptor->fd(); }
};

/// Open directories from the root of a tree down to the one in use.  Every step is taken by name
/// in an open directory and never through a link.  Few descriptors are held whatever the depth.
class DirectoryStack {
 public:
  /// Called for a directory that was entered with its entry, when it is left: nothing more will be
  /// written into it for now.
  using OnLeave = std::function<void(const OpenDirectory& directory, TreeEntry entry)>;

  DirectoryStack(FileDescriptor root, OnLeave on_leave);

  /// Moves to the directory `path` (empty: the root) and returns it, valid until the next call.
  /// Times of directories that were left before and are entered again are put back when they are
  /// left again.  Returns nullptr if there is no such directory.
  const OpenDirectory* move_to(const std::string& path);

  /// True if `path` is one of those that lead to the directory in use, or that itself.
  [[nodiscard]] bool holds(const std::string& path) const;

  /// Goes into a directory just made in the one in use.
  void enter(FileDescriptor directory, const std::string& name, TreeEntry entry);

  /// The entry of the root, whose attributes are set last of all.
  void describe_root(TreeEntry entry) { levels_.front().entry = std::move(entry); }

  /// True if the directory in use was left before: it has its final attributes, which what is made
  /// in it may inherit.
  [[nodiscard]] bool entered_again() const { return levels_.back().times.has_value(); }

  /// Leaves all of them, the root included.
  void leave_all();

 private:
  struct Level {
    OpenDirectory directory;  // without a descriptor if too many are below it
    std::size_t path_length = 0;
    std::optional<TreeEntry> entry;  // to be applied on leaving
    std::optional<timespec> times;   // to be put back on leaving
  };

  void push(FileDescriptor directory, const std::string& name);
  void leave();
  void reopen_parent(int child);
  bool descend(const std::string& name);

  OnLeave on_leave_;
  std::vector<Level> levels_;
  std::string path_;  // of the last level
};

}  // namespace controller
