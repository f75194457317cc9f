#include "controller/cli/settings.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "controller/cli/retention_settings.h"
#include "controller/cli/setting_values.h"

namespace controller {

namespace {

constexpr auto kKnown = std::to_array<std::string_view>({"COFFERDAM_STORE",
                                                         "COFFERDAM_STATE",
                                                         "COFFERDAM_PROJECT",
                                                         "COFFERDAM_COMPRESSION",
                                                         "COFFERDAM_DUMP_FORMAT",
                                                         "COFFERDAM_STOP_TIMEOUT",
                                                         "COFFERDAM_LOG_LEVEL",
                                                         "COFFERDAM_LOG_FORMAT",
                                                         "COFFERDAM_LISTEN",
                                                         "COFFERDAM_CONFIG",
                                                         "COFFERDAM_IMAGE",
                                                         "COFFERDAM_ROLLBACK_EXPIRY",
                                                         "COFFERDAM_AGENT_MEMORY",
                                                         "COFFERDAM_S3_ENDPOINT",
                                                         "COFFERDAM_S3_BUCKET",
                                                         "COFFERDAM_S3_ACCESS_KEY_ID",
                                                         "COFFERDAM_S3_SECRET_ACCESS_KEY",
                                                         "COFFERDAM_S3_REGION",
                                                         "COFFERDAM_S3_PREFIX",
                                                         "COFFERDAM_S3_STYLE",
                                                         "COFFERDAM_S3_STORAGE_CLASS",
                                                         "COFFERDAM_S3_CA",
                                                         "COFFERDAM_S3_BANDWIDTH",
                                                         "COFFERDAM_S3_UPLOAD",
                                                         "COFFERDAM_S3_KEEP_LAST",
                                                         "COFFERDAM_S3_KEEP_HOURLY",
                                                         "COFFERDAM_S3_KEEP_DAILY",
                                                         "COFFERDAM_S3_KEEP_WEEKLY",
                                                         "COFFERDAM_S3_KEEP_WEEKLY_ON",
                                                         "COFFERDAM_S3_KEEP_MONTHLY",
                                                         "COFFERDAM_S3_KEEP_YEARLY",
                                                         "COFFERDAM_S3_KEEP_WITHIN",
                                                         "COFFERDAM_KEEP_LAST",
                                                         "COFFERDAM_KEEP_HOURLY",
                                                         "COFFERDAM_KEEP_DAILY",
                                                         "COFFERDAM_KEEP_WEEKLY",
                                                         "COFFERDAM_KEEP_WEEKLY_ON",
                                                         "COFFERDAM_KEEP_MONTHLY",
                                                         "COFFERDAM_KEEP_YEARLY",
                                                         "COFFERDAM_KEEP_WITHIN",
                                                         "COFFERDAM_PRUNE_GRACE",
                                                         "COFFERDAM_SCHEDULE",
                                                         "COFFERDAM_TIME_ZONE",
                                                         "COFFERDAM_NOTIFY",
                                                         "COFFERDAM_NOTIFY_ALLOW",
                                                         "COFFERDAM_METRICS",
                                                         "COFFERDAM_ADMIN_PASSWORD",
                                                         "COFFERDAM_URL",
                                                         "COFFERDAM_HOSTS",
                                                         "COFFERDAM_STORAGE_LOW",
                                                         "COFFERDAM_TRUSTED_PROXIES"});
// What hooks are told; one of them may be a command of ours.
constexpr std::array<std::string_view, 5> kHookFacts = {"COFFERDAM_HOOK", "COFFERDAM_JOB",
                                                        "COFFERDAM_SNAPSHOT", "COFFERDAM_STATUS",
                                                        "COFFERDAM_REASON"};
// What a process of ours is told by the one that started it.
constexpr std::array<std::string_view, 3> kJobFacts = {"COFFERDAM_STARTED_BY", "COFFERDAM_NOTICES",
                                                       "COFFERDAM_CONFIG_EXPECTED"};
constexpr const char* kGeoLensSchedule = "0 2 * * *";
constexpr std::array<std::string_view, 6> kLevels = {"trace", "debug", "info",
                                                     "warn",  "error", "off"};

std::string file_text(const std::string& variable, const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    throw SettingError(variable + ": cannot read " + path);
  }
  std::ostringstream text;
  text << file.rdbuf();
  std::string value = text.str();
  if (value.ends_with('\n')) {
    value.pop_back();
  }
  return value;
}

/// Reads variables, in either form.
class Reader {
 public:
  explicit Reader(const Environment& environment) : environment_(environment) {}

  [[nodiscard]] std::optional<std::string> operator()(const std::string& name) const {
    auto value = environment_(name);
    const auto file = environment_(name + "_FILE");
    if (value && file) {
      throw SettingError(name + " and " + name + "_FILE are both set; set one of them");
    }
    if (file) {
      value = file_text(name + "_FILE", *file);
    }
    return value && value->empty() ? std::nullopt : value;
  }

 private:
  const Environment& environment_;
};

void read_listen(const std::string& text, Settings& settings) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) {
    throw SettingError("COFFERDAM_LISTEN is \"" + text + "\"; it must be ADDRESS:PORT");
  }
  settings.listen_address = colon == 0 ? "0.0.0.0" : text.substr(0, colon);
  settings.listen_port = setting_number("COFFERDAM_LISTEN", text.substr(colon + 1), 1, 65535);
}

DumpFormat dump_format(const std::string& text) {
  if (text == "custom") {
    return DumpFormat::Custom;
  }
  if (text == "plain") {
    return DumpFormat::Plain;
  }
  throw SettingError("COFFERDAM_DUMP_FORMAT is \"" + text + "\"; it must be custom or plain");
}

bool is_true(const std::string& name, const std::string& text) {
  if (text != "true" && text != "false") {
    throw SettingError(name + " is \"" + text + "\"; it must be true or false");
  }
  return text == "true";
}

LogFormat log_format(const std::string& text) {
  if (text == "text") {
    return LogFormat::Text;
  }
  if (text == "json") {
    return LogFormat::Json;
  }
  throw SettingError("COFFERDAM_LOG_FORMAT is \"" + text + "\"; it must be text or json");
}

/// "512m", "2g".  Less than this and the compressor has no room.
std::int64_t memory(const std::string& name, const std::string& text) {
  constexpr int kLeast = 64;
  constexpr int kMost = 1'000'000;
  if (text.ends_with('m')) {
    return std::int64_t{setting_number(name, text.substr(0, text.size() - 1), kLeast, kMost)} << 20;
  }
  if (text.ends_with('g')) {
    return std::int64_t{setting_number(name, text.substr(0, text.size() - 1), 1, kMost)} << 30;
  }
  throw SettingError(name + " is \"" + text + "\"; it must be MiB or GiB, at least 64m: 512m, 2g");
}

/// Tracearr's name stands in for our own.
std::filesystem::path store_folder(const Reader& read) {
  const bool is_tracearrs = !read("COFFERDAM_STORE") && read("BACKUP_DIR");
  const std::string name = is_tracearrs ? "BACKUP_DIR" : "COFFERDAM_STORE";
  std::filesystem::path store = read(name).value_or("/backups");
  if (!store.is_absolute()) {
    throw SettingError(name + " is \"" + store.string() + "\"; it must be an absolute path");
  }
  return store;
}

/// Whether somebody relies on what GeoLens's backup container does by itself.  One who sets
/// BACKUP_SCHEDULE to nothing does not want it.
bool relies_on_geolens(const Environment& environment, const Reader& read) {
  return !environment("BACKUP_SCHEDULE") && !environment("BACKUP_SCHEDULE_FILE") &&
         std::ranges::any_of(
             std::to_array<const char*>(
                 {"BACKUP_RETENTION_DAILY", "BACKUP_RETENTION_WEEKLY", "BACKUP_S3_ENABLED"}),
             [&](const char* name) { return read(name).has_value(); });
}

/// GeoLens's name and everybody's TZ stand in for our own.
void read_schedule(const Environment& environment, const Reader& read, Settings& settings) {
  for (const char* name : {"COFFERDAM_SCHEDULE", "BACKUP_SCHEDULE"}) {
    if (const auto text = read(name); text && settings.schedule.empty()) {
      settings.schedule = *text;
      settings.schedule_variable = name;
    }
  }
  if (settings.schedule.empty() && relies_on_geolens(environment, read)) {
    settings.usual_schedule = kGeoLensSchedule;
  }
  settings.time_zone = read("COFFERDAM_TIME_ZONE").value_or(read("TZ").value_or("UTC"));
}

void check_names(const std::vector<std::string>& names) {
  for (const auto& name : names) {
    if (!name.starts_with("COFFERDAM_") ||
        std::ranges::find(kHookFacts, name) != kHookFacts.end() ||
        std::ranges::find(kJobFacts, name) != kJobFacts.end()) {
      continue;
    }
    const auto plain = name.ends_with("_FILE") ? name.substr(0, name.size() - 5) : name;
    if (std::ranges::find(kKnown, plain) == kKnown.end()) {
      std::string known;
      for (const auto one : kKnown) {
        known += (known.empty() ? "" : ", ") + std::string(one);
      }
      throw SettingError("unknown setting " + name + "; there are " + known);
    }
  }
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    // Nobody in this program changes its environment.
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
}

std::vector<std::string> environment_names() {
  std::vector<std::string> names;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string text(*entry);
    names.push_back(text.substr(0, text.find('=')));
  }
  return names;
}

std::vector<std::string> setting_names() {
  return {kKnown.begin(), kKnown.end()};
}

std::optional<std::string> read_variable(const Environment& environment, const std::string& name) {
  return Reader(environment)(name);
}

std::string config_text(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) {
    return {};
  }
  if (std::filesystem::is_directory(path)) {
    throw SettingError(path.string() +
                       " is a folder; Docker makes one where the file that it should mount is "
                       "missing on the host");
  }
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    throw SettingError("cannot read " + path.string());
  }
  return text.str();
}

Settings read_settings(const Environment& environment, const std::vector<std::string>& names) {
  check_names(names);
  const Reader read(environment);
  Settings settings;
  settings.store = store_folder(read);
  settings.state =
      read("COFFERDAM_STATE").value_or((settings.store / ".cofferdam" / "state.db").string());
  settings.project = read("COFFERDAM_PROJECT").value_or("");
  if (const auto text = read("COFFERDAM_COMPRESSION")) {
    try {
      settings.compression = parse_compression(*text);
    } catch (const std::invalid_argument& error) {
      throw SettingError("COFFERDAM_COMPRESSION: " + std::string(error.what()));
    }
  }
  if (const auto text = read("COFFERDAM_DUMP_FORMAT")) {
    settings.dump_format = dump_format(*text);
  }
  if (const auto text = read("COFFERDAM_STOP_TIMEOUT")) {
    settings.stop_timeout =
        std::chrono::seconds(setting_number("COFFERDAM_STOP_TIMEOUT", *text, 0, 86400));
  }
  if (const auto text = read("COFFERDAM_ROLLBACK_EXPIRY")) {
    settings.rollback_expiry = setting_duration("COFFERDAM_ROLLBACK_EXPIRY", *text);
  }
  settings.log_level = read("COFFERDAM_LOG_LEVEL").value_or("info");
  if (std::ranges::find(kLevels, settings.log_level) == kLevels.end()) {
    throw SettingError("COFFERDAM_LOG_LEVEL is \"" + settings.log_level +
                       "\"; it must be trace, debug, info, warn, error or off");
  }
  if (const auto text = read("COFFERDAM_LOG_FORMAT")) {
    settings.log_format = log_format(*text);
  }
  settings.metrics = is_true("COFFERDAM_METRICS", read("COFFERDAM_METRICS").value_or("false"));
  if (const auto text = read("COFFERDAM_LISTEN")) {
    read_listen(*text, settings);
  }
  settings.config = read("COFFERDAM_CONFIG").value_or(settings.config.string());
  if (environment("COFFERDAM_CONFIG_EXPECTED") && !std::filesystem::exists(settings.config)) {
    throw SettingError(settings.config.string() +
                       " is gone, and what it said is still in force for `serve`; put it back, or "
                       "restart the sidecar to go on without it");
  }
  if (const auto text = read("COFFERDAM_AGENT_MEMORY")) {
    settings.agent_memory = memory("COFFERDAM_AGENT_MEMORY", *text);
  }
  read_schedule(environment, read, settings);
  settings.image = read("COFFERDAM_IMAGE").value_or("");
  if (const auto text = read("COFFERDAM_STORAGE_LOW")) {
    settings.storage_low = room_wanted("COFFERDAM_STORAGE_LOW", *text);
  }
  settings.retention = read_retention(read);
  if (const auto text = read("COFFERDAM_PRUNE_GRACE")) {
    settings.prune_grace = setting_duration("COFFERDAM_PRUNE_GRACE", *text);
  }
  return settings;
}

}  // namespace controller
