// What stands against a restore before anything is measured.
#pragma once

#include <string>

#include "controller/restore/restore_plan.h"

namespace controller {

/// How two versions of a platform differ: "1.4.2", "v2", "16-3.4".  Unknown: one of them has no
/// number to compare.
enum class VersionStep { Same, Minor, Major, Unknown };
VersionStep compare_versions(const std::string& before, const std::string& now);

/// A major version that differs is refused unless the request says so, anything less is a warning.
/// Throws RestoreRefusal.
void check_versions(RestorePlan& plan, const RestoreRequest& request);

/// Files of a database server mean something on their own architecture only.  Throws
/// RestoreRefusal.
void check_architecture(const RestorePlan& plan, const Manifest& manifest,
                        const Circumstances& circumstances);

}  // namespace controller
