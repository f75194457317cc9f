#include "controller/agent/tree_replacement.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "controller/agent/sync_directory.h"
#include "controller/archive/file_descriptor.h"
#include "controller/archive/system_call.h"
#include "controller/archive/tree_removal.h"
#include "controller/archive/volume_archive.h"

namespace controller {
namespace {

namespace fs = std::filesystem;

unsigned threads() {
  return std::clamp(std::thread::hardware_concurrency(), 1U, 4U);
}

fs::path record_of(const fs::path& archive) {
  return archive.string() + ".record";
}

// The closing record of the archive, as an agent would say it.
void write_record(const fs::path& archive, const ArchiveSummary& summary) {
  const auto path = record_of(archive);
  const std::string line = to_line(Message{TreeMessage{"", summary}}) + "\n";
  const FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file || ::write(file.fd(), line.data(), line.size()) != std::ssize(line) ||
      ::fsync(file.fd()) != 0) {
    throw_errno("write", path.string());
  }
  sync_directory(path.parent_path());
}

}  // namespace

void expect_recorded(const std::string& archive, const ArchiveSummary& expected,
                     const ArchiveSummary& found) {
  if (found.artifact != expected.artifact) {
    throw IntegrityError(archive + " is not the file that was recorded");
  }
  if (found.entries != expected.entries || found.content_bytes != expected.content_bytes) {
    throw IntegrityError(archive + " does not hold what was recorded");
  }
}

std::optional<ArchiveSummary> kept_record(const fs::path& archive) {
  std::ifstream file(record_of(archive));
  std::string line;
  if (!std::getline(file, line)) {
    return std::nullopt;
  }
  return std::get<TreeMessage>(message_from(line)).summary;
}

void keep_previous(const RestoreTree& tree, const ProgressReport& progress) {
  const fs::path archive = tree.previous;
  if (kept_record(archive)) {
    return;
  }
  fs::create_directories(archive.parent_path());
  fs::remove(archive);  // cut off by a crash: it has no record
  ArchiveRequest request;
  request.root = tree.live;
  request.artifact = archive;
  request.threads = threads();
  // Not to be cancelled: its users are down, and the quickest way on is through.
  const ArchiveSummary summary = archive_volume(request, progress, {});
  write_record(archive, summary);
}

ArchiveSummary replace_with(const RestoreTree& tree, const fs::path& archive,
                            const ArchiveSummary& expected, const ProgressReport& progress) {
  const ExtractRequest request{archive, tree.live, expected.content_bytes, expected.entries,
                               threads()};
  const bool is_file = fs::is_regular_file(fs::symlink_status(tree.live));
  if (!is_file) {
    empty_directory(tree.live);
  }
  const ArchiveSummary found =
      is_file ? extract_file(request) : extract_volume(request, progress, {});
  expect_recorded(archive.string(), expected, found);
  return found;
}

void remove_previous(const RestoreTree& tree) {
  const fs::path archive = tree.previous;
  fs::remove(record_of(archive));
  fs::remove(archive);
  // The folder of the job, once it is empty.
  ::rmdir(archive.parent_path().c_str());
}

}  // namespace controller
