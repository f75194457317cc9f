// What controller and agent say to each other: one JSON document per line, commands on the agent's
// stdin, messages on its stdout.  Only this crosses the Docker socket; volume bytes never do.
//
// A job runs so: the controller sends the job, the agent answers Ready; each command is answered by
// its messages, the last of which is Done or Failed.  End of stdin without `finish` means that
// the controller died: the agent removes what it was writing and exits with 1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/archive/compression.h"
#include "controller/archive/volume_archive.h"

namespace controller {

/// A tree to capture.  Paths are those inside the agent's container.
struct CaptureTree {
  std::string id;        // chosen by the controller, unique in the job: "volume:redis"
  std::string root;      // where it is mounted
  std::string artifact;  // the file to write
  std::vector<std::string> exclude;
  Liveness liveness = Liveness::Still;
};

/// A small file to copy as it is (a Compose file); absent sources are reported, not fatal.
struct CaptureFile {
  std::string source;
  std::string artifact;
};

struct CaptureJob {
  std::string job;
  std::string store;  // mount point of the store, for its free space
  Compression compression;
  std::vector<CaptureTree> trees;
  std::vector<CaptureFile> files;
};

/// How a restored tree takes the place of the live one, and how the live one is kept meanwhile.
/// Exchange: `live` and `staging` are sibling directories, swapped by renameat2(RENAME_EXCHANGE);
/// afterwards `staging` holds what was live.
/// InPlace: what is live is archived into `previous`, then `live` is emptied and `artifact`
/// extracted into it, all while its users are stopped.
enum class SwapMethod { Exchange, InPlace };

struct RestoreTree {
  std::string id;
  std::string artifact;
  ArtifactDigest digest;  // as the manifest has it; checked while extracting
  std::uint64_t entries = 0;
  std::uint64_t content_bytes = 0;
  SwapMethod method = SwapMethod::Exchange;
  std::string live;           // directory that holds the live data
  std::string staging;        // Exchange: sibling to extract into, created by the agent
  std::string previous = {};  // InPlace: the archive to keep what is live in, created by the agent
};

struct RestoreJob {
  std::string job;
  std::vector<RestoreTree> trees;
};

/// Commands.  `trees` are ids of the job.
///   measure   size of every tree, free space of the store          (capture)
///   capture   archive these trees                                  (capture)
///   files     copy the job's files                                 (capture)
///   measure   free space where each tree is staged, and what the live one is (restore)
///   stage     extract these trees into their staging place         (restore; InPlace: only verify)
///   adopt     take what an earlier job kept (Exchange: in `staging`; InPlace: in `artifact`) for
///             staged; it is left where it is if the controller dies (restore)
///   swap      put these trees in place of the live ones, which are kept   (restore)
///   unswap    put back what swap replaced; nothing if it had not begun    (restore)
///   weigh     size of what is kept of these trees                  (restore)
///   discard   remove what is staged or kept of these trees         (restore)
///   cancel    give up the command under way, which then answers Failed (Interrupted)
///   finish    sync and exit 0
struct Command {
  std::string name;
  std::vector<std::string> trees;
};

struct ReadyMessage {};
struct ProgressMessage {
  std::string tree;
  ArchiveProgress progress;
};
struct WarningMessage {
  std::string tree;
  ArchiveWarning warning;
};
struct MeasureMessage {
  std::string tree;
  TreeSize size;
};
struct FreeSpaceMessage {  // of the store (capture) or of a tree's staging place (restore)
  std::string tree;        // empty: the store
  std::uint64_t bytes = 0;
  std::uint64_t inodes = 0;
  std::uint64_t device = 0;  // trees with the same one share the space
  bool occupied = false;     // restore: the live tree holds something
  bool swapped = false;      // restore: unswap would change the live tree
};
/// The closing record of one tree.
struct TreeMessage {
  std::string tree;
  ArchiveSummary summary;  // its warnings were sent one by one before
};
struct FileMessage {
  CaptureFile file;
  bool present = false;
  ArtifactDigest digest;
};
struct DoneMessage {
  std::string command;
};
struct FailedMessage {
  enum class Kind { Failed, NoSpace, Integrity, Interrupted };
  std::string command;
  std::string tree;  // empty: not about one tree
  Kind kind = Kind::Failed;
  std::string text;
};
using Message =
    std::variant<ReadyMessage, ProgressMessage, WarningMessage, MeasureMessage, FreeSpaceMessage,
                 TreeMessage, FileMessage, DoneMessage, FailedMessage>;

/// Lines without the newline.  Names that are not UTF-8 survive the round trip byte for byte.
std::string to_line(const CaptureJob& job);
std::string to_line(const RestoreJob& job);
std::string to_line(const Command& command);
std::string to_line(const Message& message);

/// Throw std::invalid_argument that quotes the start of a line that is none of theirs.
CaptureJob capture_job_from(std::string_view line);
RestoreJob restore_job_from(std::string_view line);
Command command_from(std::string_view line);
Message message_from(std::string_view line);

}  // namespace controller
