// What restores replaced: gone back to, dropped, expired.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "controller/capture/setting.h"
#include "controller/outage/rollback_point.h"

namespace controller {

/// Removes what the point kept.  Begun, it is finished by this or a later call.  Throws what stands
/// in the way (a database server that does not run); the rest is tried all the same.
void drop_point(Setting& setting, const RollbackPoint& point);

/// Finishes drops that somebody began.  Returns a sentence for each point dropped.
std::vector<std::string> finish_drops(Setting& setting);

/// Points of `project` that an undo can go back to, newest first.
std::vector<RollbackPoint> usable_points(Setting& setting, const std::string& project);

/// The newest point that a restore made; what an undo replaced is gone back to by name only.
std::optional<RollbackPoint> newest_restore(const std::vector<RollbackPoint>& points);

/// Points that are past their time.
std::vector<RollbackPoint> expired(const std::vector<RollbackPoint>& points,
                                   std::chrono::system_clock::time_point now);

}  // namespace controller
