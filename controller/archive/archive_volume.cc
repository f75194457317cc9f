#include <sys/stat.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "controller/archive/page_buffer.h"
#include "controller/archive/polite_reader.h"
#include "controller/archive/problem_log.h"
#include "controller/archive/progress_clock.h"
#include "controller/archive/scan_thread.h"
#include "controller/archive/system_call.h"
#include "controller/archive/tar_writer.h"
#include "controller/archive/volume_archive.h"

namespace controller {
namespace {

constexpr std::size_t kPiece = 512U << 10U;  // of a large file, read at a time

// Writes what a scan found; one object for one archive.
class VolumeArchiver {
 public:
  VolumeArchiver(const ArchiveRequest& request, const ProgressClock::Report& report,
                 std::stop_token stop)
      : request_(request), clock_(report), stop_(std::move(stop)) {}

  ArchiveSummary run() {
    {
      ScanThread scan(request_, problems_);
      while (ScanBatch* const batch = scan.next()) {
        for (auto& scanned : batch->entries) {
          add(scanned, batch->content.get());
        }
      }
    }
    tar_.finish();
    ArchiveSummary summary;
    summary.artifact = sink_.close();
    summary.entries = done_.entries;
    summary.content_bytes = done_.bytes;
    summary.warnings = problems_.take();
    clock_.end({done_.entries, done_.bytes, summary.artifact.stored_bytes});
    return summary;
  }

 private:
  void add(ScannedEntry& scanned, const char* content) {
    tick();
    const TreeEntry& entry = scanned.entry;
    tar_.begin(entry);
    ++done_.entries;
    if (scanned.file) {
      copy(scanned);
    } else if (scanned.held) {
      tar_.data({content + scanned.content_at, entry.size});
      done_.bytes += entry.size;
    }
  }

  void copy(ScannedEntry& scanned) {
    const TreeEntry& entry = scanned.entry;
    PoliteReader reader(scanned.file.fd());
    if (entry.sparse) {
      std::uint64_t at = 0;
      for (const auto& extent : entry.extents) {
        tar_.hole(extent.offset - at);
        copy(reader, entry, extent);
        at = extent.offset + extent.length;
      }
      tar_.hole(entry.size - at);
    } else {
      copy(reader, entry, {0, entry.size});
    }
    struct stat after {};
    if (::fstat(scanned.file.fd(), &after) != 0) {
      throw_errno("inspect", entry.path);
    }
    if (differs(scanned.status, after)) {
      problems_.changed(entry.path, "changed while it was read");
    }
    scanned.file.reset();
  }

  void copy(PoliteReader& reader, const TreeEntry& entry, const DataExtent& extent) {
    std::uint64_t left = extent.length;
    while (left > 0) {
      tick();
      const std::size_t size = std::min<std::uint64_t>(left, kPiece);
      const ssize_t got = reader.read(extent.offset + extent.length - left, piece_.bytes(), size);
      if (got < 0) {
        throw_errno("read", entry.path);
      }
      // The header has promised the length: what was cut off meanwhile becomes zeros.  That it
      // was is seen afterwards.
      std::fill(piece_.bytes() + got, piece_.bytes() + size, '\0');
      tar_.data({piece_.bytes(), size});
      done_.bytes += size;
      left -= size;
    }
  }

  void tick() {
    if (stop_.stop_requested()) {
      throw Interrupted("archiving " + request_.root.string() + " was given up");
    }
    done_.stored_bytes = sink_.stored_bytes();
    clock_.tick(done_);
  }

  const ArchiveRequest& request_;
  ProgressClock clock_;
  std::stop_token stop_;
  ProblemLog problems_{request_.liveness};
  ArtifactSink sink_{request_.artifact, request_.compression, request_.threads};
  TarWriter tar_{[this](std::string_view bytes) { sink_.write(bytes); }};
  PageBuffer piece_{kPiece};
  ArchiveProgress done_;
};

}  // namespace

ArchiveSummary archive_volume(const ArchiveRequest& request,
                              const std::function<void(const ArchiveProgress&)>& progress,
                              std::stop_token stop) {
  return VolumeArchiver(request, progress, std::move(stop)).run();
}

}  // namespace controller
