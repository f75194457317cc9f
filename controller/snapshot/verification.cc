#include "controller/snapshot/verification.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <system_error>

#include "controller/archive/artifact.h"
#include "controller/archive/sha256.h"
#include "controller/archive/system_call.h"
#include "controller/archive/volume_archive.h"
#include "controller/snapshot/store_files.h"

namespace controller {
namespace {

using Progress = std::function<void(std::uint64_t)>;

// One that decompresses, beside the one that reads and hashes and the one that walks: a piece for
// each more would be memory that the sidecar does not have.
constexpr unsigned kThreads = 1;

std::string differs(const std::string& what, const std::string& is, const std::string& recorded) {
  return what + " differs: it is " + is + ", recorded was " + recorded;
}

/// The part of `bytes` that stands for having read `done` of `total`.
std::uint64_t share(std::uint64_t bytes, std::uint64_t done, std::uint64_t total) {
  if (total == 0 || done >= total) {
    return bytes;
  }
  const double part = static_cast<double>(done) / static_cast<double>(total);
  return static_cast<std::uint64_t>(part * static_cast<double>(bytes));
}

/// Checks the files of one snapshot and collects what is wrong.  What follows a damaged digest is
/// not asked: the content of such a file is nobody's word.
class Check {
 public:
  Check(std::filesystem::path directory, Progress progress)
      : path_(std::move(directory)),
        directory_(open_directory(path_)),
        progress_(std::move(progress)) {}

  void manifest_file(const std::string& name);
  void recovery(const std::optional<Artifact>& recorded);
  void volume(const VolumeRecord& record);
  void database(const DatabaseRecord& record, const DumpReader& reader);
  void compressed(const Artifact& artifact);
  void plain(const Artifact& artifact);

  [[nodiscard]] std::vector<Finding> findings() const { return findings_; }

 private:
  FileDescriptor open(const std::string& file);
  bool has_size(const Artifact& artifact);
  std::string digest(const Artifact& artifact, const Progress& piece_read);
  void compare_digest(const Artifact& artifact, const Progress& piece_read);
  void count(std::uint64_t bytes);
  void report(std::uint64_t bytes) const;
  void add(const std::string& file, const std::string& text) { findings_.push_back({file, text}); }

  template <typename Number>
  void compare(const Artifact& artifact, const std::string& what, Number is, Number recorded) {
    if (is != recorded) {
      add(artifact.path, differs(what, std::to_string(is), std::to_string(recorded)));
    }
  }

  /// Runs one file's check; what a file can do to it becomes a finding.
  template <typename Action>
  void attempt(const std::string& file, Action action) {
    try {
      action();
    } catch (const IntegrityError& error) {
      add(file, std::string("damaged: ") + error.what());
    } catch (const std::system_error& error) {
      add(file, error.code() == std::errc::no_such_file_or_directory ? "missing" : error.what());
    }
  }

  std::filesystem::path path_;
  FileDescriptor directory_;
  Progress progress_;
  std::uint64_t done_ = 0;  // stored bytes read
  std::vector<Finding> findings_;
};

FileDescriptor Check::open(const std::string& file) {
  return open_file_below(directory_, file, path_ / file);
}

void Check::report(std::uint64_t bytes) const {
  if (progress_) {
    progress_(bytes);
  }
}

void Check::count(std::uint64_t bytes) {
  done_ += bytes;
  report(done_);
}

bool Check::has_size(const Artifact& artifact) {
  const auto bytes = size_of(open(artifact.path), path_ / artifact.path);
  compare(artifact, "size", bytes, artifact.bytes);
  return bytes == artifact.bytes;
}

std::string Check::digest(const Artifact& artifact, const Progress& piece_read) {
  const auto file = open(artifact.path);
  ::posix_fadvise(file.fd(), 0, 0, POSIX_FADV_SEQUENTIAL);
  Sha256 sum;
  std::vector<char> piece(1U << 20U);
  while (true) {
    const ssize_t size = ::read(file.fd(), piece.data(), piece.size());
    if (size == 0) {
      return sum.hex();
    }
    if (size < 0 && errno != EINTR) {
      throw_errno("read", path_ / artifact.path);
    }
    if (size > 0) {
      sum.add({piece.data(), static_cast<std::size_t>(size)});
      piece_read(static_cast<std::uint64_t>(size));
    }
  }
}

void Check::manifest_file(const std::string& name) {
  constexpr std::uint64_t kLargest = 256U << 20U;
  attempt("manifest.json", [&] {
    try {
      const auto text = read_all(open("manifest.json"), kLargest, path_ / "manifest.json");
      if (manifest_from_json(text).name != name) {
        add("manifest.json", "is that of another snapshot");
      }
    } catch (const FormatError& error) {
      add("manifest.json", error.what());
    }
  });
}

void Check::compare_digest(const Artifact& artifact, const Progress& piece_read) {
  attempt(artifact.path, [&] {
    if (!has_size(artifact)) {
      return;
    }
    if (const auto sum = digest(artifact, piece_read); sum != artifact.sha256) {
      add(artifact.path, differs("sha256", sum, artifact.sha256));
    }
  });
}

void Check::recovery(const std::optional<Artifact>& recorded) {
  if (!recorded) {
    add("RECOVERY.txt", "is not recorded in the manifest");
    return;
  }
  compare_digest(*recorded, [](std::uint64_t) {});
}

void Check::plain(const Artifact& artifact) {
  compare_digest(artifact, [this](std::uint64_t bytes) { count(bytes); });
}

void Check::compressed(const Artifact& artifact) {
  attempt(artifact.path, [&] {
    if (!has_size(artifact)) {
      return;
    }
    const auto found = ArtifactSource(path_ / artifact.path, kThreads).finish();
    count(artifact.bytes);
    if (found.sha256 != artifact.sha256) {
      add(artifact.path, differs("sha256", found.sha256, artifact.sha256));
      return;
    }
    compare(artifact, "decompressed size", found.raw_bytes, artifact.raw_bytes);
  });
}

void Check::volume(const VolumeRecord& record) {
  const auto& artifact = record.artifact;
  attempt(artifact.path, [&] {
    if (!has_size(artifact)) {
      return;
    }
    const auto found =
        read_archive(path_ / artifact.path, kThreads, [&](const ArchiveProgress& step) {
          report(done_ + share(artifact.bytes, step.bytes, record.content_bytes));
        });
    count(artifact.bytes);
    if (found.artifact.sha256 != artifact.sha256) {
      add(artifact.path, differs("sha256", found.artifact.sha256, artifact.sha256));
      return;
    }
    compare(artifact, "decompressed size", found.artifact.raw_bytes, artifact.raw_bytes);
    compare(artifact, "number of entries", found.entries, record.entries);
    compare(artifact, "size of the content", found.content_bytes, record.content_bytes);
  });
}

void Check::database(const DatabaseRecord& record, const DumpReader& reader) {
  const auto& artifact = record.artifact;
  attempt(artifact.path, [&] {
    if (!has_size(artifact)) {
      return;
    }
    // Two readers of one file at once: it comes from the disk only once.
    auto walked =
        std::async(std::launch::async, [&] { return reader(record, path_ / artifact.path); });
    const auto sum = digest(artifact, [this](std::uint64_t bytes) { count(bytes); });
    auto found = walked.get();
    if (sum != artifact.sha256) {
      found = {{artifact.path, differs("sha256", sum, artifact.sha256)}};
    }
    findings_.insert(findings_.end(), found.begin(), found.end());
  });
}

}  // namespace

std::vector<Finding> verify_snapshot(const std::filesystem::path& directory,
                                     const Manifest& manifest, const DumpReader& dump_reader,
                                     const Progress& progress) {
  Check check(directory, progress);
  check.manifest_file(manifest.name);
  check.recovery(manifest.recovery);
  for (const auto& volume : manifest.volumes) {
    check.volume(volume);
  }
  for (const auto& database : manifest.databases) {
    check.database(database, dump_reader);
  }
  for (const auto& server : manifest.servers) {
    if (server.globals) {
      check.compressed(*server.globals);
    }
  }
  for (const auto& artifact : manifest.definition) {
    check.plain(artifact);
  }
  return check.findings();
}

std::vector<Finding> check_digests(const std::filesystem::path& directory, const Manifest& manifest,
                                   const Progress& progress) {
  Check check(directory, progress);
  check.manifest_file(manifest.name);
  check.recovery(manifest.recovery);
  for (const auto& volume : manifest.volumes) {
    check.plain(volume.artifact);
  }
  for (const auto& database : manifest.databases) {
    check.plain(database.artifact);
  }
  for (const auto& server : manifest.servers) {
    if (server.globals) {
      check.plain(*server.globals);
    }
  }
  for (const auto& artifact : manifest.definition) {
    check.plain(artifact);
  }
  return check.findings();
}

}  // namespace controller
