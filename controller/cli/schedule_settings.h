// Which schedules there are: COFFERDAM_SCHEDULE, the config file's `schedules:`, those that were
// made by a command, and labels.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/cli/settings.h"
#include "controller/plan/policy_file.h"
#include "controller/plan/schedule_labels.h"
#include "controller/retention/retention_plan.h"
#include "controller/schedule/due.h"
#include "controller/schedule/schedule_book.h"

namespace controller {

/// A schedule and what it captures.
struct ScheduledCapture {
  Schedule schedule;
  std::vector<std::string> services;         // empty: everything that is flagged
  std::optional<RetentionPolicy> retention;  // of its own
  bool made = false;                         // by a command, which may change it
};

/// A schedule of a command or a label that is not heeded.
struct RefusedSchedule {
  std::string name;
  std::string cron;     // as written; empty: none was
  std::string problem;  // with its place
  bool made = false;

  friend bool operator==(const RefusedSchedule&, const RefusedSchedule&) = default;
};

struct Timetable {
  std::vector<ScheduledCapture> captures;
  std::vector<RefusedSchedule> refused;
};

/// What the file says of schedules: a line for each setting of each.
using ScheduleEntries = std::vector<std::pair<std::string, PolicySetting>>;

/// `entries`: what the file says, a line for each setting of each schedule.  `project` shifts the
/// jitter.  The schedule of the environment is named "default"; the usual one is where nobody said
/// any.  Throws SettingError that names the
/// place: a cron expression, zone or value that cannot be meant, an unknown setting, a name that is
/// used twice.
std::vector<ScheduledCapture> read_schedules(const Settings& settings,
                                             const ScheduleEntries& entries,
                                             const std::string& project);

/// What is said elsewhere than in settings and the file.
struct OtherSchedules {
  std::vector<MadeSchedule> made;
  std::vector<LabelledSchedule> labels;

  friend bool operator==(const OtherSchedules&, const OtherSchedules&) = default;
};

/// Those, after them those that were made, and then those of labels.  A name that is used already
/// is that schedule's; one that several services use is the first one's.  A label says when, and
/// not what or what is kept: it goes with its container, and what a schedule kept would then be
/// counted with the rest.  What is wrong with one of them is no reason to do without the others.
/// Throws as read_schedules().
Timetable read_timetable(const Settings& settings, const ScheduleEntries& entries,
                         const OtherSchedules& others, const std::string& project);

/// What is kept: a schedule that captures only some services or has rules of its own is counted for
/// itself, by these or by the usual ones.
RetentionPolicies retention_of(const Settings& settings,
                               const std::vector<ScheduledCapture>& captures);

/// Whether anything may ever be dropped.
bool has_rules(const RetentionPolicies& policies);

/// What their config file says.  Throws SettingError.
ScheduleEntries schedule_entries(const Settings& settings);

/// Those of these settings, of their config file and of commands; their file of the journal is
/// there.  Throws SettingError, JournalError.
std::vector<ScheduledCapture> schedules_of(const Settings& settings, const std::string& project);

}  // namespace controller
