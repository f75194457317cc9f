// How the snapshots of schedules are named: "daily-20261120T020000Z".
#pragma once

#include <chrono>
#include <string>

namespace controller {

std::string scheduled_name(const std::string& schedule, std::chrono::sys_seconds now);

/// The schedule that a snapshot of this name is of; empty if it is of none.
std::string schedule_of(const std::string& snapshot);

}  // namespace controller
