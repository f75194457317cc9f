// A snapshot is proven by booting the stack from it, where it can harm nobody.
#pragma once

#include <stop_token>
#include <string>

#include "controller/capture/setting.h"
#include "controller/drill/drill_plan.h"
#include "controller/snapshot/check_report.h"

namespace controller {

/// What becomes of the containers afterwards.
enum class DrillAfterwards { Remove, Keep };

struct DrillResult {
  CheckReport report;
  std::string job;  // whose the containers are; empty: none were made
};

/// Verifies the stored files; fills throw-away volumes and database servers from them and compares
/// both with the manifest; then starts the services of the plan on an internal network and waits
/// until all are up.  Adds the report to the store, passed or not, and removes what it made.
///
/// Not passing is a result.  It throws what kept it from finding out: NoSpace, AgentError,
/// dockerapi::Error, Interrupted; then nothing is reported, and what was made is removed, or left
/// to the replay.
DrillResult drill(Setting& setting, const Manifest& manifest, const DrillPlan& plan,
                  DrillAfterwards afterwards, std::stop_token stop);

/// True if data were not what was recorded; else, if it did not pass, a service did not come up.
bool data_differ(const CheckReport& report);

}  // namespace controller
