#include "controller/snapshot/snapshot_stream.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "controller/archive/artifact.h"
#include "controller/archive/page_buffer.h"
#include "controller/archive/sha256.h"
#include "controller/archive/tar_writer.h"
#include "controller/clock.h"
#include "controller/snapshot/store_files.h"

namespace controller {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargestManifest = std::uint64_t{64} << 20;
constexpr std::size_t kPiece = std::size_t{256} << 10;
constexpr std::uint64_t kBlock = 512;  // of a tar
constexpr const char* kManifest = "manifest.json";

std::string manifest_text(const fs::path& directory) {
  const auto path = directory / kManifest;
  return read_all(open_file_below(open_directory(directory), kManifest, path), kLargestManifest,
                  path);
}

std::string digest_of(const std::string& text) {
  Sha256 digest;
  digest.add(text);
  return digest.hex();
}

/// What stands before a file's bytes in a tar.
std::string tar_header(const std::string& path, std::uint64_t size, std::chrono::sys_seconds time) {
  std::string header;
  TarWriter writer([&](std::string_view bytes) { header += bytes; });
  TreeEntry entry;
  entry.path = path;
  entry.mode = S_IFREG | S_IRUSR | S_IWUSR;
  entry.size = size;
  entry.modified.tv_sec = time.time_since_epoch().count();
  writer.begin(entry);
  return header;
}

std::string padding(std::uint64_t size) {
  return std::string((kBlock - size % kBlock) % kBlock, '\0');
}

[[noreturn]] void fail(const std::string& path) {
  throw IntegrityError(path + " is not what the manifest says");
}

}  // namespace

SnapshotStream SnapshotStream::of_all(const fs::path& directory) {
  const auto text = manifest_text(directory);
  const auto manifest = manifest_from_json(text);
  const auto time = time_from_rfc3339(manifest.created_at).value_or(std::chrono::sys_seconds());
  const auto folder = directory.filename().string() + "/";
  SnapshotStream stream;
  stream.directory_ = directory;
  stream.digest_ = digest_of(text);
  for (const auto& file : files_of(manifest)) {
    stream.parts_.push_back({tar_header(folder + file.path, file.bytes, time), {}});
    stream.parts_.push_back({{}, file});
    stream.parts_.push_back({padding(file.bytes), {}});
  }
  stream.parts_.push_back({tar_header(folder + kManifest, text.size(), time) + text +
                               padding(text.size()) + std::string(2 * kBlock, '\0'),
                           {}});
  return stream;
}

SnapshotStream SnapshotStream::of_file(const fs::path& directory, const std::string& path) {
  auto text = manifest_text(directory);
  const auto manifest = manifest_from_json(text);
  SnapshotStream stream;
  stream.directory_ = directory;
  if (path == kManifest) {
    stream.digest_ = digest_of(text);
    stream.parts_.push_back({std::move(text), {}});
    return stream;
  }
  const auto files = files_of(manifest);
  const auto found = std::ranges::find(files, path, &Artifact::path);
  if (found == files.end()) {
    throw std::out_of_range("the snapshot has no file " + path);
  }
  stream.digest_ = found->sha256;
  stream.parts_.push_back({{}, *found});
  return stream;
}

std::uint64_t SnapshotStream::bytes() const {
  std::uint64_t total = 0;
  for (const auto& part : parts_) {
    total += part.bytes();
  }
  return total;
}

bool SnapshotStream::send(std::uint64_t offset, std::uint64_t length, const Output& output) const {
  for (const auto& part : parts_) {
    if (offset >= part.bytes()) {
      offset -= part.bytes();
      continue;
    }
    const auto count = std::min(length, part.bytes() - offset);
    const bool goes_on = part.file.path.empty()
                             ? output(std::string_view(part.text).substr(offset, count))
                             : send_file(part.file, offset, count, output);
    if (!goes_on) {
      return false;
    }
    length -= count;
    offset = 0;
    if (length == 0) {
      break;
    }
  }
  return true;
}

bool SnapshotStream::send_file(const Artifact& file, std::uint64_t offset, std::uint64_t length,
                               const Output& output) const {
  const auto shown = directory_ / file.path;
  const auto opened = open_file_below(open_directory(directory_), file.path, shown);
  if (size_of(opened, shown) != file.bytes) {
    fail(file.path);
  }
  const auto end = offset + length;
  const bool to_the_end = end == file.bytes;
  const PageBuffer buffer(kPiece);
  Sha256 digest;
  for (auto at = to_the_end ? 0 : offset; at < end;) {
    const auto size = ::pread(opened.fd(), buffer.bytes(),
                              std::min<std::uint64_t>(kPiece, end - at), static_cast<off_t>(at));
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size < 0) {
      throw std::system_error(errno, std::generic_category(), "cannot read " + shown.string());
    }
    if (size == 0) {
      fail(file.path);
    }
    const std::string_view bytes(buffer.bytes(), static_cast<std::size_t>(size));
    const auto unasked = std::min<std::uint64_t>(bytes.size(), offset > at ? offset - at : 0);
    at += bytes.size();
    if (to_the_end) {
      digest.add(bytes);
    }
    if (to_the_end && at == end && digest.hex() != file.sha256) {
      fail(file.path);
    }
    if (unasked < bytes.size() && !output(bytes.substr(unasked))) {
      return false;
    }
  }
  return true;
}

}  // namespace controller
