// How restores, undos and rollback points are shown.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "controller/restore/restore.h"

namespace controller {

/// "  lost unless undone: what was written since 2026-11-20T02:00:00Z (3 h 12 min)"; empty for a
/// copy.  What is written into one table cannot be undone.
std::string data_loss(const RestorePlan& plan, std::chrono::system_clock::time_point now);

/// What came of it; the JSON is one line of type "summary".
std::string summary_text(const RestorePlan& plan, const RestoreResult& result);
std::string summary_json(const RestorePlan& plan, const RestoreResult& result);

/// The same of a restore of one table.
std::string summary_text(const RestorePlan& plan, const RestoredTable& table);
std::string summary_json(const RestorePlan& plan, const RestoredTable& table);

/// A table, newest first, or an array.
std::string points_text(const std::vector<RollbackPoint>& points);
std::string points_json(const std::vector<RollbackPoint>& points);

}  // namespace controller
