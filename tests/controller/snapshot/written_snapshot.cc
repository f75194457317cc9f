#include "tests/controller/snapshot/written_snapshot.h"

namespace controller {

Manifest write_files(SnapshotDraft& draft, const std::string& name, const std::string& created_at) {
  Manifest manifest;
  manifest.name = name;
  manifest.project = "shop";
  manifest.created_at = created_at;
  manifest.definition = {draft.add_text("definition/compose.yml", "services: {}\n"),
                         draft.add_text("definition/deep/er/file", std::string(5000, 'x'))};
  return manifest;
}

Manifest write_snapshot(SnapshotStore& store, const std::string& name,
                        const std::string& created_at) {
  const auto draft = store.begin(name);
  auto manifest = write_files(*draft, name, created_at);
  draft->commit(manifest);
  return manifest;
}

CheckReport verify_report(const std::string& snapshot, bool passed) {
  CheckReport report;
  report.snapshot = snapshot;
  report.kind = "verify";
  report.passed = passed;
  report.at = "2026-11-21T02:00:00Z";
  return report;
}

std::vector<std::string> listed(SnapshotStore& store) {
  std::vector<std::string> names;
  for (const auto& entry : store.list()) {
    names.push_back((entry.summary ? "" : "!") + entry.name);
  }
  return names;
}

}  // namespace controller
