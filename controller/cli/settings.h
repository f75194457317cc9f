// What the environment says, read once at the start.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "controller/archive/compression.h"
#include "controller/cli/storage_room.h"
#include "controller/database/database_driver.h"
#include "controller/retention/retention_rules.h"

namespace controller {

/// A setting that cannot be meant; the text names it, its value and what it may be.
class SettingError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class LogFormat { Text, Json };

struct Settings {
  std::filesystem::path store = "/backups";          // COFFERDAM_STORE
  std::filesystem::path state;                       // COFFERDAM_STATE; default below the store
  std::string project;                               // COFFERDAM_PROJECT; default: our own
  Compression compression;                           // COFFERDAM_COMPRESSION
  DumpFormat dump_format = DumpFormat::Custom;       // COFFERDAM_DUMP_FORMAT
  std::optional<std::chrono::seconds> stop_timeout;  // COFFERDAM_STOP_TIMEOUT
  std::chrono::seconds rollback_expiry{std::chrono::hours{72}};  // COFFERDAM_ROLLBACK_EXPIRY
  std::string log_level = "info";                                // COFFERDAM_LOG_LEVEL
  bool metrics = false;                                          // COFFERDAM_METRICS
  LogFormat log_format = LogFormat::Text;                        // COFFERDAM_LOG_FORMAT
  std::string listen_address = "127.0.0.1";                      // COFFERDAM_LISTEN
  int listen_port = 8080;
  std::filesystem::path config = "/etc/cofferdam/config.yaml";  // COFFERDAM_CONFIG
  std::int64_t agent_memory = std::int64_t{512} << 20;          // COFFERDAM_AGENT_MEMORY, in bytes
  RetentionPolicy retention;     // COFFERDAM_KEEP_…, BACKUP_RETENTION_…
  RoomWanted storage_low{0, 5};  // COFFERDAM_STORAGE_LOW: with less room people are told
  std::chrono::seconds prune_grace{std::chrono::hours{72}};  // COFFERDAM_PRUNE_GRACE
  std::string schedule;                                      // COFFERDAM_SCHEDULE, BACKUP_SCHEDULE
  std::string schedule_variable;                             // which of them
  std::string usual_schedule;     // GeoLens's, where only others of its variables are set
  std::string time_zone = "UTC";  // COFFERDAM_TIME_ZONE, TZ
  std::string image;  // COFFERDAM_IMAGE: for agents, where we run in no container of the engine
};

/// The value of a variable; absent if it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

/// A variable in either form: NAME or NAME_FILE; absent if it is empty.  Throws SettingError: both
/// forms at once, an unreadable file.
std::optional<std::string> read_variable(const Environment& environment, const std::string& name);

/// Every variable may be given as NAME_FILE instead: the file's text without its last newline.
/// Throws SettingError: an impossible value, both forms at once, an unreadable file, a COFFERDAM_
/// variable nobody knows (a typo must not mean that it is not heeded) if `names` lists those that
/// are set.
Settings read_settings(const Environment& environment, const std::vector<std::string>& names);

/// What the config file says; nothing if there is none.  Throws SettingError.
std::string config_text(const std::filesystem::path& path);

/// All that start with COFFERDAM_, without those that one process of ours tells another.
std::vector<std::string> setting_names();

/// Names of all variables of this process.
std::vector<std::string> environment_names();

}  // namespace controller
