// The reports of a directory store: one file for each snapshot,
// <root>/.cofferdam/reports/NAME.jsonl.
#pragma once

#include <filesystem>
#include <string>

#include "controller/snapshot/check_report.h"

namespace controller {

/// Appends the report and syncs it.  Throws NoSpace or std::system_error; then the file is as it
/// was.  Several processes may append at once.
void append_report(const std::filesystem::path& root, const CheckReport& report,
                   const std::string& manifest_digest);

/// No file is no reports.  A file that cannot be read is a chain with a problem.
ReportChain read_reports(const std::filesystem::path& root, const std::string& snapshot,
                         const std::string& manifest_digest);

/// A missing file is no error.
void remove_reports(const std::filesystem::path& root, const std::string& snapshot);

/// Removes those of snapshots that are not there any more.
void sweep_reports(const std::filesystem::path& root);

}  // namespace controller
