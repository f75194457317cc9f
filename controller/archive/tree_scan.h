// A tree as it is read: what an archive will hold, ahead of the writing.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/archive/exclusion.h"
#include "controller/archive/file_descriptor.h"
#include "controller/archive/problem_log.h"
#include "controller/archive/tree_entry.h"
#include "controller/archive/tree_walk.h"
#include "controller/archive/volume_archive.h"

namespace controller {

/// True if the file is no longer what `before` says: its size or its times differ.
bool differs(const struct stat& before, const struct stat& after);

/// An entry with its content, or with the open file to read it from.
struct ScannedEntry {
  TreeEntry entry;
  struct stat status {};       // when it was opened
  std::size_t content_at = 0;  // in the batch's content
  bool held = false;           // the content has been read, all of it
  FileDescriptor file;
};

/// Entries that travel from the scanning thread to the writing one together.  Large, since on a
/// busy machine each hand-over may have to wait for its turn.
struct ScanBatch {
  static constexpr std::size_t kContent = 4U << 20U;
  static constexpr std::size_t kEntries = 1024;
  static constexpr std::size_t kFiles = 64;  // left open

  std::vector<ScannedEntry> entries;
  std::unique_ptr<char[]> content;  // NOLINT(modernize-avoid-c-arrays): never zeroed
  std::size_t used = 0;
  std::size_t files = 0;
};

/// Walks a tree, opens its files and reads the small ones.
class TreeScan {
 public:
  /// Throws std::system_error if the root cannot be opened.
  TreeScan(const ArchiveRequest& request, ProblemLog& problems);

  /// Replaces what is in `batch` by the next entries; false once there are none.
  bool fill(ScanBatch& batch);

 private:
  struct Waiting {
    std::size_t entry = 0;
    std::size_t have = 0;
    FileDescriptor file;
  };

  void scan_root(ScanBatch& batch);
  bool scan_next(ScanBatch& batch);
  void scan_place(const TreeWalk::Place& place, ScanBatch& batch);
  bool scan_regular(const TreeWalk::Place& place, ScanBatch& batch);
  bool scan_directory(const TreeWalk::Place& place, ScanBatch& batch);
  bool scan_other(const TreeWalk::Place& place, const struct stat& status, ScanBatch& batch);
  void add_file(FileDescriptor file, const struct stat& status, std::string path, ScanBatch& batch);
  void take_content(ScannedEntry& scanned, FileDescriptor file, ScanBatch& batch);
  void read_waiting(ScanBatch& batch);
  bool is_another_name(const struct stat& status, TreeEntry& entry);
  void check_left(const TreeWalk::Place& place);
  FileDescriptor open(const TreeWalk::Place& place, int flags);

  const ArchiveRequest& request_;
  ProblemLog& problems_;
  Exclusion exclusion_;
  std::unique_ptr<TreeWalk> walk_;             // absent: the root is a single file
  std::vector<struct stat> open_directories_;  // of a still tree: as they were entered
  std::vector<Waiting> waiting_;               // not in the page cache: being read ahead
  std::map<std::pair<dev_t, ino_t>, std::pair<std::string, nlink_t>> names_;  // more than one link
  std::pair<dev_t, ino_t> store_{};  // the directory being written to, should it be in the tree
  int no_access_time_ = 0;           // O_NOATIME while it is allowed
  bool started_ = false;
};

}  // namespace controller
