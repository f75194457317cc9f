#include "controller/archive/archive_reader.h"
#include "controller/archive/volume_archive.h"

namespace controller {

ArchiveSummary read_archive(const std::filesystem::path& artifact, unsigned threads) {
  VolumeArchiveReader reader(artifact, threads);
  ArchiveSummary summary;
  while (reader.next() != nullptr) {
    ++summary.entries;
    while (const auto data = reader.data()) {
      summary.content_bytes += data->bytes.size();
    }
  }
  summary.artifact = reader.finish();
  return summary;
}

}  // namespace controller
