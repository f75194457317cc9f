// What a listing tells of a manifest: so little that ten thousand fit in memory.
#pragma once

#include <cstdint>
#include <string>

#include "controller/snapshot/manifest.h"

namespace controller {

struct SnapshotSummary {
  std::string project;
  std::string created_at;  // RFC 3339 UTC
  Status status = Status::Success;
  std::string platform_version;  // empty: not known
  std::size_t services = 0;      // whose data it has
  std::size_t volumes = 0;
  std::size_t databases = 0;
  std::uint64_t stored_bytes = 0;
  double outage_seconds = 0;

  friend bool operator==(const SnapshotSummary&, const SnapshotSummary&) = default;
};

SnapshotSummary summary_of(const Manifest& manifest);

}  // namespace controller
