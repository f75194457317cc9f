// Which snapshots a policy's rules keep: calendar buckets, the newest of each.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace controller {

/// What to keep.  A snapshot that any rule keeps is kept; 0 is no rule.
struct RetentionPolicy {
  int last = 0;
  int hourly = 0;
  int daily = 0;
  int weekly = 0;
  int monthly = 0;
  int yearly = 0;
  std::chrono::seconds within{0};  // before the newest snapshot
  // Weeks end with this day, and the one in progress does not count until it has come.  Absent:
  // ISO weeks, and the one in progress counts.
  std::optional<std::chrono::weekday> weekly_on;

  friend bool operator==(const RetentionPolicy&, const RetentionPolicy&) = default;
};

bool has_rules(const RetentionPolicy& policy);

/// What the clocks of a time zone show at an instant.
using LocalClock = std::function<std::chrono::local_seconds(std::chrono::sys_seconds)>;

/// One snapshot that can be restored.
struct Restorable {
  std::chrono::sys_seconds taken_at;
  bool good = true;  // false: degraded, or it did not pass its last check
};

/// The rules that keep each of `snapshots`, which are sorted, newest first: "daily", "weekly", ….
/// Each bucket that is not empty counts once and keeps its newest snapshot, and if that is not
/// good, its newest good one too.  A rule that has buckets left to count keeps the oldest as well.
std::vector<std::vector<std::string>> rules_that_keep(const RetentionPolicy& policy,
                                                      const std::vector<Restorable>& snapshots,
                                                      std::chrono::sys_seconds now,
                                                      const LocalClock& local);

}  // namespace controller
