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

class SourceProgress {
 public:
  SourceProgress(Setting& setting, const RestorePlan& plan, const Manifest& selected)
      : reporter_(setting.reporter), plan_(plan), total_(stored_bytes(selected)) {
    reporter_.phase("verifying " + plan.snapshot);
  }

  void operator()(std::uint64_t bytes) const {
    reporter_.progress({"snapshot " + plan_.snapshot, bytes, total_, false});
  }

 private:
  Reporter& reporter_;
  const RestorePlan& plan_;
  std::uint64_t total_;
};

void expect_nothing(const std::vector<Finding>& findings, const RestorePlan& plan) {
  if (findings.empty()) {
    return;
  }
  std::string text = "snapshot " + plan.snapshot + " is corrupt; nothing was touched:";
  for (const auto& finding : findings) {
    text += "\n  " + finding.path + ": " + finding.text;
  }
  throw IntegrityError(text);
}

}  // namespace

void verify_source(Setting& setting, const Manifest& manifest, const RestorePlan& plan) {
  const auto selected = selection(manifest, plan);
  expect_nothing(verify_snapshot(setting.store.directory(plan.snapshot), selected,
                                 setting.read_dump, SourceProgress(setting, plan, selected)),
                 plan);
}

void check_source(Setting& setting, const Manifest& manifest, const RestorePlan& plan) {
  const auto selected = selection(manifest, plan);
  expect_nothing(check_digests(setting.store.directory(plan.snapshot), selected,
                               SourceProgress(setting, plan, selected)),
                 plan);
}

}  // namespace controller
