#include <fcntl.h>
#include <unistd.h>

#include "controller/archive/archive_reader.h"
#include "controller/archive/attribute_writer.h"
#include "controller/archive/file_descriptor.h"
#include "controller/archive/system_call.h"
#include "controller/archive/volume_archive.h"

namespace controller {
namespace {

// Whether it holds one file can only be said once it has been read through.
void expect_one_file(const ExtractRequest& request) {
  VolumeArchiveReader reader(request.artifact, request.threads);
  int entries = 0;
  while (const TreeEntry* const entry = reader.next()) {
    if (++entries > 1 || !entry->is_regular() || !entry->hard_link_to.empty()) {
      throw IntegrityError(request.artifact.string() + " holds more than a single file");
    }
    while (reader.data()) {
    }
  }
  if (entries == 0) {
    throw IntegrityError(request.artifact.string() + " holds no file");
  }
}

}  // namespace

ArchiveSummary extract_file(const ExtractRequest& request) {
  expect_one_file(request);
  const std::string path = request.target.string();
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file || ::ftruncate(file.fd(), 0) != 0) {
    throw_errno("open for writing", path);
  }
  VolumeArchiveReader reader(request.artifact, request.threads);
  AttributeWriter attributes;
  ArchiveSummary summary;
  while (const TreeEntry* const entry = reader.next()) {
    ++summary.entries;
    while (const auto data = reader.data()) {
      if (data->bytes.size() > request.content_limit - summary.content_bytes) {
        reader.refuse("holds more than the archive should");
      }
      write_at(file.fd(), data->bytes, data->offset, path);
      summary.content_bytes += data->bytes.size();
    }
    if (::ftruncate(file.fd(), static_cast<off_t>(entry->size)) != 0) {
      throw_errno("set the size of", path);
    }
    attributes.apply(file.fd(), *entry);
  }
  summary.artifact = reader.finish();
  if (::fsync(file.fd()) != 0) {
    throw_errno("sync", path);
  }
  summary.warnings = attributes.warnings();
  return summary;
}

}  // namespace controller
