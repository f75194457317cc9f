// A directory tree as a PAX tar, with everything the tree had: owners, modes, nanosecond times,
// hard links, symbolic links, extended attributes, ACLs, capabilities, holes, devices, fifos, names
// as bytes, and the root entry itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/archive/artifact.h"

namespace controller {

/// What happened to one entry that is not as it should be; `path` is relative to the tree's root,
/// bytes as they are.
struct ArchiveWarning {
  std::string path;
  std::string text;  // "changed while it was read", "vanished", "socket skipped"

  friend bool operator==(const ArchiveWarning&, const ArchiveWarning&) = default;
};

/// How far a tree has come; called at most four times a second, and once at the end.
struct ArchiveProgress {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;  // of file content
  std::uint64_t stored_bytes = 0;
};

/// The closing record: without one, the archive does not exist.
struct ArchiveSummary {
  std::uint64_t entries = 0;  // the root entry and every hard link included
  std::uint64_t content_bytes = 0;
  ArtifactDigest artifact;
  std::vector<ArchiveWarning> warnings;

  friend bool operator==(const ArchiveSummary&, const ArchiveSummary&) = default;
};

/// Live: what changes or vanishes while it is read is a warning.  Still: it is an error, since
/// everybody who writes there was stopped.
enum class Liveness { Still, Live };

struct ArchiveRequest {
  std::filesystem::path root;      // the tree; may be a single file
  std::filesystem::path artifact;  // the file to write
  Compression compression;
  std::vector<std::string> exclude;  // globs against the path relative to root; ** crosses '/'
  Liveness liveness = Liveness::Still;
  unsigned threads = 2;
};

/// Archives the tree.  Throws (and leaves no file) on any error; a `stop` request throws
/// Interrupted.
ArchiveSummary archive_volume(const ArchiveRequest& request,
                              const std::function<void(const ArchiveProgress&)>& progress,
                              std::stop_token stop);

/// The work was given up on request.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Sizes of a tree, counted without reading content.
struct TreeSize {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;            // allocated on disk: holes do not count
  bool has_postgres_cluster = false;  // PG_VERSION beside global/pg_control, at most 3 levels down
};
TreeSize measure_tree(const std::filesystem::path& root, const std::vector<std::string>& exclude);

/// Reads a stored volume archive through to its end marker: decompresses and walks every entry.
/// Throws IntegrityError, which names the file and what is wrong.  `progress` is told entries and
/// content, four times a second.
ArchiveSummary read_archive(const std::filesystem::path& artifact, unsigned threads,
                            const std::function<void(const ArchiveProgress&)>& progress = {});

struct ExtractRequest {
  std::filesystem::path artifact;
  std::filesystem::path target;     // an existing directory, empty
  std::uint64_t content_limit = 0;  // bytes that may be written at most: from the manifest
  std::uint64_t entry_limit = 0;
  unsigned threads = 2;
};

/// Extracts a volume archive into the empty directory `target`, exact to the attribute, and syncs
/// the file system.  The archive is taken as hostile: nothing outside `target` is touched, nothing
/// is written through a link, limits hold.  Throws IntegrityError for an archive that breaks a
/// rule, NoSpace, std::system_error; then `target` holds rubbish for the caller to remove.
/// For its duration the process has no umask.
ArchiveSummary extract_volume(const ExtractRequest& request,
                              const std::function<void(const ArchiveProgress&)>& progress,
                              std::stop_token stop);

/// Writes the one file of an archive over the existing file `target`, which stays the same file: a
/// file that is mounted somewhere cannot be replaced.  Throws as extract_volume does;
/// IntegrityError before the first change if the archive is damaged or holds anything but one file.
ArchiveSummary extract_file(const ExtractRequest& request);

}  // namespace controller
