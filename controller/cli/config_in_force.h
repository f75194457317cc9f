// The config file while serve runs: it may change, and may be wrong.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controller/cli/notify_settings.h"
#include "controller/cli/schedule_settings.h"
#include "controller/cli/settings.h"
#include "controller/reporter.h"

namespace controller {

/// What serve itself takes from the config file.
struct ServedConfig {
  ScheduleEntries schedules;  // each can be meant
  NotifySettings notifications;
};

/// The whole file is checked, also what only commands heed: its volumes, services and destinations,
/// as far as that goes without looking at the project.  Throws SettingError with all that is wrong
/// with its form, else with the first thing that cannot be meant.
ServedConfig read_served_config(const Settings& settings, const Environment& environment,
                                const std::string& yaml);

/// How the last attempt to read it went.
struct ConfigStanding {
  bool good = true;
  std::chrono::sys_seconds good_at;  // the last one that went well
};

/// What was said last that could be meant.  For one thread, but for has_file().
class ConfigInForce {
 public:
  /// `settings` outlives it.  Throws SettingError: at the start there is nothing to fall back on.
  ConfigInForce(const Settings& settings, Environment environment);

  [[nodiscard]] const ServedConfig& now() const { return current_; }
  /// What is in force is a file's.
  [[nodiscard]] bool has_file() const { return is_there_; }
  [[nodiscard]] ConfigStanding standing() const { return standing_; }

  /// Looks whether the file was changed, or touched, since files that it names are read again then.
  /// One that is the same in two looks is judged, since it may be half written before.  All of it
  /// is in force then (true), or nothing: one that is wrong or gone is a warning, once.
  bool look(Reporter& reporter);

 private:
  /// The file as it lies there.
  struct Glance {
    std::optional<std::string> text;  // absent: there is no file
    std::filesystem::file_time_type written;
    std::string problem;  // that keeps it from being read

    friend bool operator==(const Glance&, const Glance&) = default;
  };

  [[nodiscard]] Glance glance() const;
  void judge(const Glance& seen);

  const Settings& settings_;
  Environment environment_;
  ServedConfig current_;
  ConfigStanding standing_;
  std::atomic<bool> is_there_ = false;  // the file of what is in force
  Glance judged_;
  Glance before_;  // at the last look
};

/// What a process of ours that does a job is started with.  It reads the config file itself: one
/// that is gone must not pass for one that says nothing.  May be called from any thread.
std::vector<std::string> environment_of_jobs(const ConfigInForce& config);

}  // namespace controller
