#include "controller/archive/archive_reader.h"
#include "controller/archive/progress_clock.h"
#include "controller/archive/volume_archive.h"

namespace controller {

ArchiveSummary read_archive(const std::filesystem::path& artifact, unsigned threads,
                            const std::function<void(const ArchiveProgress&)>& progress) {
  VolumeArchiveReader reader(artifact, threads);
  ProgressClock clock(progress);
  ArchiveSummary summary;
  while (reader.next() != nullptr) {
    ++summary.entries;
    while (const auto data = reader.data()) {
      summary.content_bytes += data->bytes.size();
      clock.tick({summary.entries, summary.content_bytes, 0});
    }
  }
  summary.artifact = reader.finish();
  return summary;
}

}  // namespace controller
