#include "controller/cli/destination_retention.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "controller/cli/retention_settings.h"

namespace controller {

namespace {

RetentionPolicy rules_in(const YAML::Node& said, const std::string& place) {
  if (!said.IsMap()) {
    throw SettingError(place +
                       ": retention: it should map rules to numbers: {daily: 7, weekly: 4}");
  }
  const auto& known = retention_settings();
  RetentionPolicy policy;
  for (const auto& rule : said) {
    const PolicySetting setting{"retention." + rule.first.Scalar(),
                                rule.second.IsScalar() ? rule.second.Scalar() : "", place};
    if (std::ranges::find(known, setting.name) == known.end()) {
      throw SettingError(place + ": " + setting.name + " is unknown" +
                         did_you_mean(setting.name, known));
    }
    take_retention(setting, policy);
  }
  return policy;
}

}  // namespace

std::map<std::string, RetentionPolicy> read_destination_retention(const Environment& environment,
                                                                  std::string_view config_yaml) {
  const Environment read = [&](const std::string& name) {
    return read_variable(environment, name);
  };
  std::map<std::string, RetentionPolicy> rules = {
      {"s3", read_keep_rules(read, "COFFERDAM_S3_KEEP_")}};
  const auto root = YAML::Load(std::string(config_yaml));
  const auto destinations = root.IsMap() ? root["destinations"] : YAML::Node();
  for (const auto& entry : destinations) {
    if (entry.second.IsMap() && entry.second["retention"]) {
      const auto name = entry.first.Scalar();
      rules[name] = rules_in(entry.second["retention"], "config file, destination " + name);
    }
  }
  std::erase_if(rules, [](const auto& one) { return !has_rules(one.second); });
  return rules;
}

}  // namespace controller
