// A restored tree that replaces the live one where it is: a bind mount, a single file, a volume of
// another driver.  What was there is kept in an archive, so that it can be put back.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "controller/agent/protocol.h"

namespace controller {

using ProgressReport = std::function<void(const ArchiveProgress&)>;

/// Archives the live tree (a directory or a file) into `tree.previous`, unless that has been done.
/// A record of the archive, beside it and written last, says that it is whole.  Throws as
/// archive_volume() does; then there is no record.
void keep_previous(const RestoreTree& tree, const ProgressReport& progress);

/// The record beside `archive`; absent if the archive is not there or not whole.
std::optional<ArchiveSummary> kept_record(const std::filesystem::path& archive);

/// Empties the live tree and extracts `archive`, which is what `expected` says, into it.  Throws as
/// extract_volume() does; then the live tree holds rubbish.
ArchiveSummary replace_with(const RestoreTree& tree, const std::filesystem::path& archive,
                            const ArchiveSummary& expected, const ProgressReport& progress);

/// Removes the kept archive and its record.  Missing ones are no error.
void remove_previous(const RestoreTree& tree);

/// Throws IntegrityError unless the archive is the one that is meant, to the byte and the entry.
void expect_recorded(const std::string& archive, const ArchiveSummary& expected,
                     const ArchiveSummary& found);

}  // namespace controller
