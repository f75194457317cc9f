#include "controller/snapshot/snapshot_summary.h"

#include <set>

namespace controller {

namespace {

std::size_t count_services(const Manifest& manifest) {
  std::set<std::string> services;
  for (const auto& volume : manifest.volumes) {
    services.insert(volume.services.begin(), volume.services.end());
  }
  for (const auto& database : manifest.databases) {
    services.insert(database.service);
  }
  return services.size();
}

}  // namespace

SnapshotSummary summary_of(const Manifest& manifest) {
  return {manifest.project,          manifest.created_at,      manifest.status,
          manifest.platform_version, count_services(manifest), manifest.volumes.size(),
          manifest.databases.size(), stored_bytes(manifest),   manifest.outage_seconds};
}

}  // namespace controller
