#include "controller/cli/settings_view.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace controller {

namespace {

using Json = nlohmann::ordered_json;

/// GeoLens's and everybody's, which stand in for our own.
constexpr auto kForeign = std::to_array<const char*>(
    {"BACKUP_SCHEDULE", "BACKUP_RETENTION_DAILY", "BACKUP_RETENTION_WEEKLY", "BACKUP_S3_ENABLED",
     "S3_ENDPOINT", "S3_BUCKET", "S3_REGION", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "TZ",
     "DOCKER_HOST"});

/// URLs of notifications have their keys in them.
bool is_secret(const std::string& name) {
  return name.ends_with("_ACCESS_KEY_ID") || name.ends_with("_SECRET_ACCESS_KEY") ||
         name.ends_with("_PASSWORD") || name == "COFFERDAM_NOTIFY";
}

Json row(const Environment& environment, const std::string& name) {
  const auto value = read_variable(environment, name);
  const bool secret = is_secret(name);
  const char* origin = "default";
  if (value) {
    origin = environment(name + "_FILE") ? "file" : "variable";
  }
  return {{"name", name},
          {"origin", origin},
          {"secret", secret},
          {"value", value && !secret ? Json(*value) : Json()}};
}

}  // namespace

std::string settings_json(const Environment& environment) {
  auto list = Json::array();
  for (const auto& name : setting_names()) {
    list.push_back(row(environment, name));
  }
  for (const char* name : kForeign) {
    list.push_back(row(environment, name));
  }
  return list.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace controller
