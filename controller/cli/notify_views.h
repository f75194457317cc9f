// What `notify` prints.
#pragma once

#include <string>
#include <vector>

#include "controller/notify/notify_target.h"
#include "controller/notify/outbox.h"

namespace controller {

/// A target and how it goes with it.
struct NotifyRow {
  NotifyTarget target;
  TargetStanding standing;
};

std::string notify_table(const std::vector<NotifyRow>& rows);
std::string notify_json(const std::vector<NotifyRow>& rows);

}  // namespace controller
