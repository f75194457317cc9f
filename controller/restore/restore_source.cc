#include "controller/restore/restore_source.h"

#include "controller/archive/artifact.h"

namespace controller {

namespace {

/// The part of the manifest that this restore reads.
Manifest selection(const Manifest& manifest, const RestorePlan& plan) {
  Manifest selected = manifest;
  selected.volumes.clear();
  selected.databases.clear();
  for (const auto& volume : plan.volumes) {
    selected.volumes.push_back(volume.record);
  }
  for (const auto& database : plan.databases) {
    selected.databases.push_back(database.record);
  }
  return selected;
}

}  // namespace

void verify_source(Setting& setting, const Manifest& manifest, const RestorePlan& plan) {
  setting.reporter.phase("verifying " + plan.snapshot);
  const auto selected = selection(manifest, plan);
  const auto total = stored_bytes(selected);
  const auto findings = verify_snapshot(
      setting.store.directory(plan.snapshot), selected, setting.read_dump,
      [&](std::uint64_t bytes) {
        setting.reporter.progress({"snapshot " + plan.snapshot, bytes, total, false});
      });
  if (findings.empty()) {
    return;
  }
  std::string text = "snapshot " + plan.snapshot + " is corrupt; nothing was touched:";
  for (const auto& finding : findings) {
    text += "\n  " + finding.path + ": " + finding.text;
  }
  throw IntegrityError(text);
}

}  // namespace controller
