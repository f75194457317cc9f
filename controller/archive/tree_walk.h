// The names of a directory tree, in the order an archive has them.
#pragma once

#include <dirent.h>
#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller/archive/file_descriptor.h"

namespace controller {

/// Walks by directory descriptor, depth first, the names of a directory sorted as bytes.  Any depth
/// and any length of path: few descriptors are held open at a time.
class TreeWalk {
 public:
  enum class Step { Entry, Leave };

  /// Entry: `name` in the open directory `directory`; `type` is DT_…, maybe DT_UNKNOWN.
  /// Leave: everything in `directory` has been seen; `parent` is the open directory it is in, -1
  /// for the root.
  struct Place {
    Step step = Step::Entry;
    int directory = -1;
    const char* name = "";
    unsigned char type = DT_UNKNOWN;
    int parent = -1;
  };

  /// Starts in an open directory; the directory itself is not a place.
  TreeWalk(FileDescriptor root, const struct stat& status);

  /// The next place, valid until the next call; absent at the end.  Throws std::system_error if a
  /// directory cannot be read.
  std::optional<Place> next();

  /// Of the place last returned, relative to the root.
  [[nodiscard]] const std::string& path() const { return path_; }

  /// The place last returned is this open directory: what is in it comes next.
  void enter(FileDescriptor directory, const struct stat& status);

 private:
  struct Level {
    FileDescriptor directory;
    dev_t device = 0;
    ino_t inode = 0;
    std::size_t path_length = 0;
    std::string names;                 // each: type, name, NUL
    std::vector<std::uint32_t> order;  // offsets into names, sorted by name
    std::size_t next = 0;
    bool more = true;  // names that have not been read yet
  };

  void push(FileDescriptor directory, const struct stat& status);
  void read_names(Level& level);
  int open_parent();
  void spare_descriptors();

  std::vector<Level> levels_;
  std::string path_;
  bool leaving_ = false;
};

}  // namespace controller
