// How far each schedule has come, across restarts.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/schedule/due.h"

namespace controller {

struct ScheduleRecord {
  ScheduleState state;
  std::chrono::sys_seconds first_seen;
  std::optional<std::chrono::sys_seconds> started;    // its last run
  std::optional<std::chrono::sys_seconds> finished;   // of that run; absent while it goes on
  int exit_code = 0;                                  // of the last run that finished
  std::string snapshot;                               // that the last run was to make
  std::optional<std::chrono::sys_seconds> succeeded;  // when the last run that made one started
  std::string cron;  // whose times all this is about; empty: an older version did not say
  std::string zone;

  bool operator==(const ScheduleRecord&) const = default;
};

/// A schedule that somebody made by a command, not by a setting.
struct MadeSchedule {
  std::string name;
  std::map<std::string, std::string> settings;  // as the config file has them: "cron", "services"

  friend bool operator==(const MadeSchedule&, const MadeSchedule&) = default;
};

/// Two tables in the file of the journal; what is written is on disk when the call returns.  For
/// one thread. All throw JournalError.
class ScheduleBook {
 public:
  /// Creates the file if missing; its folder has to exist.
  explicit ScheduleBook(const std::filesystem::path& file);
  ScheduleBook(const ScheduleBook&) = delete;
  ScheduleBook& operator=(const ScheduleBook&) = delete;
  ~ScheduleBook();

  /// Absent for one that was never seen.  Schedules of several projects may have the same name.
  std::optional<ScheduleRecord> find(const std::string& project, const std::string& schedule);

  void put(const std::string& project, const std::string& schedule, const ScheduleRecord& record);

  /// A run that its record does not tell of, begun at that time, has made a snapshot.  Touches
  /// nothing else of the record, which `serve` may be working with; a schedule that was never seen
  /// stays so.
  void note_success(const std::string& project, const std::string& schedule,
                    std::chrono::sys_seconds started);

  /// By name.  Nothing of them has been checked.
  std::vector<MadeSchedule> made(const std::string& project);

  /// Takes the place of the one of that name.
  void make(const std::string& project, const MadeSchedule& schedule);

  /// False: there is none.
  bool unmake(const std::string& project, const std::string& name);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace controller
