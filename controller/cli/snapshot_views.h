// Snapshots for people and for scripts.
#pragma once

#include <string>
#include <vector>

#include "controller/snapshot/check_report.h"
#include "controller/snapshot/manifest.h"
#include "controller/snapshot/snapshot_store.h"
#include "controller/snapshot/verification.h"

namespace controller {

/// A table; says so if there are none.  Corrupt snapshots are flagged with the reason.
std::string list_text(const std::vector<SnapshotEntry>& entries);

/// An array of objects with name, created_at, status, project, platform_version, services, volumes,
/// databases (numbers), bytes, and what was checked.  Of one whose status is "corrupt" only name,
/// bytes and checks are known, the others are null, and `problem` says what is wrong.
std::string list_json(const std::vector<SnapshotEntry>& entries);

std::string show_text(const Manifest& manifest, const ReportChain& checks, bool pinned);

/// The manifest's JSON with one more member, `checks`.
std::string show_json(const Manifest& manifest, const ReportChain& checks, bool pinned);

/// What verify found in one snapshot.
struct VerifiedSnapshot {
  std::string name;
  std::vector<Finding> findings;
  std::uint64_t bytes = 0;
};
std::string verify_text(const VerifiedSnapshot& verified);
std::string verify_json(const std::vector<VerifiedSnapshot>& verified);

/// The last line of `create --json`.
std::string create_summary_json(const Manifest& manifest);
std::string create_summary_text(const Manifest& manifest);

}  // namespace controller
