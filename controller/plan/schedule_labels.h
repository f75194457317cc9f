// What labels of services say of schedules.
#pragma once

#include <string>
#include <vector>

#include "compose/stack.h"
#include "controller/plan/settings.h"

namespace controller {

/// `cofferdam.schedule.NAME: CRON` and `cofferdam.schedule.NAME.SETTING: VALUE`; nothing of it has
/// been checked.
struct LabelledSchedule {
  std::string name;
  std::string service;
  std::vector<PolicySetting> settings;  // "cron", "time-zone", …

  friend bool operator==(const LabelledSchedule&, const LabelledSchedule&) = default;
};

/// Of all services, by service and name.  Of replicas that differ, the newest says how it is meant
/// now.
std::vector<LabelledSchedule> schedule_labels(const compose::Stack& stack);

}  // namespace controller
