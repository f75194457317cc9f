#include "controller/snapshot/manifest.h"

namespace controller {

std::string_view to_string(Status status) {
  switch (status) {
    case Status::Success:
      return "success";
    case Status::Degraded:
      return "degraded";
    case Status::Failed:
      return "failed";
    case Status::Cancelled:
      return "cancelled";
    case Status::Interrupted:
      break;
  }
  return "interrupted";
}

std::string_view to_string(Grade grade) {
  switch (grade) {
    case Grade::Quiesced:
      return "quiesced";
    case Grade::Dumped:
      return "dumped";
    case Grade::Paused:
      return "paused";
    case Grade::Live:
      break;
  }
  return "live";
}

std::vector<Artifact> artifacts(const Manifest& manifest) {
  std::vector<Artifact> all;
  for (const auto& volume : manifest.volumes) {
    all.push_back(volume.artifact);
  }
  for (const auto& database : manifest.databases) {
    all.push_back(database.artifact);
  }
  for (const auto& server : manifest.servers) {
    if (server.globals) {
      all.push_back(*server.globals);
    }
  }
  all.insert(all.end(), manifest.definition.begin(), manifest.definition.end());
  return all;
}

std::vector<Artifact> files_of(const Manifest& manifest) {
  std::vector<Artifact> files;
  if (manifest.recovery) {
    files.push_back(*manifest.recovery);
  }
  const auto others = artifacts(manifest);
  files.insert(files.end(), others.begin(), others.end());
  return files;
}

std::uint64_t stored_bytes(const Manifest& manifest) {
  std::uint64_t total = 0;
  for (const auto& artifact : artifacts(manifest)) {
    total += artifact.bytes;
  }
  return total;
}

}  // namespace controller
