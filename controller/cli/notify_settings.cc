#include "controller/cli/notify_settings.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "controller/notify/notify_url.h"

namespace controller {

namespace {

/// Names of targets are in metrics, tables and command lines.
bool is_name(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char one) {
    return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') ||
           one == '-' || one == '_' || one == '.';
  });
}

bool is_taken(const std::vector<NotifyTarget>& targets, const std::string& name) {
  return std::ranges::find(targets, name, &NotifyTarget::name) != targets.end();
}

/// The second of a name becomes "name-2".
void add(std::vector<NotifyTarget>& targets, NotifyTarget target, const std::string& place) {
  if (!is_name(target.name)) {
    throw SettingError(place + ": a name has letters, digits, '.', '-' and '_'");
  }
  const auto wanted = target.name;
  for (int number = 2; is_taken(targets, target.name); ++number) {
    target.name = wanted + "-" + std::to_string(number);
  }
  targets.push_back(std::move(target));
}

std::vector<NotifyTarget> parsed(const std::string& url, const std::string& place) {
  try {
    return parse_notify_url(url);
  } catch (const std::invalid_argument& error) {
    throw SettingError(place + ": " + error.what());
  }
}

/// Words with spaces or line ends between them; commas belong to URLs.
std::vector<std::string> urls_in(const std::string& text) {
  std::vector<std::string> urls;
  std::string url;
  for (const char one : text + " ") {
    if (one != ' ' && one != '\n' && one != '\t' && one != '\r') {
      url += one;
    } else if (!url.empty()) {
      urls.push_back(std::exchange(url, {}));
    }
  }
  return urls;
}

void add_from_environment(const Environment& environment, std::vector<NotifyTarget>& targets) {
  int number = 0;
  for (const auto& url : urls_in(read_variable(environment, "COFFERDAM_NOTIFY").value_or(""))) {
    const auto place = "COFFERDAM_NOTIFY, entry " + std::to_string(++number);
    for (auto& target : parsed(url, place)) {
      add(targets, std::move(target), place);
    }
  }
}

std::string words_of(const YAML::Node& node) {
  if (!node.IsSequence()) {
    return node.Scalar();
  }
  std::string words;
  for (const auto& one : node) {
    words += one.Scalar() + ",";
  }
  return words;
}

/// What one entry of the file says; url and secret may be in files of their own.
class Entry {
 public:
  Entry(const YAML::Node& node, const std::string& place) : place_(place) {
    if (!node.IsMap()) {
      throw SettingError(place + ": it should map names to values");
    }
    for (const auto& field : node) {
      const auto name = field.first.Scalar();
      constexpr std::array<std::string_view, 7> kFields = {
          "url", "url_file", "secret", "secret_file", "on", "jobs", "schedules"};
      if (std::ranges::find(kFields, name) == kFields.end()) {
        throw SettingError(place + ": " + name + " is unknown");
      }
      said_[name] = words_of(field.second);
    }
  }

  [[nodiscard]] std::string plain(const std::string& name) const {
    const auto found = said_.find(name);
    return found == said_.end() ? std::string() : found->second;
  }

  /// `name`, or the text of the file that NAME_file names.
  [[nodiscard]] std::string secret(const std::string& name) const {
    const Environment as_variables =
        [this](const std::string& asked) -> std::optional<std::string> {
      const auto value =
          plain(asked.ends_with("_FILE") ? asked.substr(0, asked.size() - 5) + "_file" : asked);
      return value.empty() ? std::nullopt : std::optional(value);
    };
    try {
      return read_variable(as_variables, name).value_or("");
    } catch (const SettingError& error) {
      throw SettingError(place_ + ": " + error.what());
    }
  }

 private:
  std::string place_;
  std::map<std::string, std::string> said_;
};

void apply(const Entry& entry, NotifyTarget& target, const std::string& place) {
  try {
    if (const auto kinds = entry.plain("on"); !kinds.empty()) {
      target.kinds = notify_kinds(kinds);
    }
  } catch (const std::invalid_argument& error) {
    throw SettingError(place + ": on: " + error.what());
  }
  if (const auto jobs = entry.plain("jobs"); !jobs.empty()) {
    target.jobs = listed_words(jobs);
  }
  if (const auto schedules = entry.plain("schedules"); !schedules.empty()) {
    target.schedules = listed_words(schedules);
  }
  if (auto secret = entry.secret("secret"); !secret.empty()) {
    if (target.service != NotifyService::Webhook) {
      throw SettingError(place + ": secret is for webhooks, which alone are signed");
    }
    target.signing_key = Secret(std::move(secret));
  }
}

void add_from_file(std::string_view yaml, std::vector<NotifyTarget>& targets) {
  const auto root = YAML::Load(std::string(yaml));
  const auto said = root.IsMap() ? root["notifications"] : YAML::Node();
  for (const auto& one : said) {
    const auto name = one.first.Scalar();
    const auto place = "config file, notification " + name;
    if (is_taken(targets, name)) {
      throw SettingError(place + ": there are two of that name");
    }
    const Entry entry(one.second, place);
    for (auto& target : parsed(entry.secret("url"), place)) {
      target.name = name;
      apply(entry, target, place);
      add(targets, std::move(target), place);
    }
  }
}

}  // namespace

NotifySettings read_notify_settings(const Environment& environment, std::string_view config_yaml) {
  NotifySettings settings;
  settings.allowed_hosts =
      listed_words(read_variable(environment, "COFFERDAM_NOTIFY_ALLOW").value_or(""));
  add_from_environment(environment, settings.targets);
  try {
    add_from_file(config_yaml, settings.targets);
  } catch (const YAML::Exception& error) {
    throw SettingError("config file, line " + std::to_string(error.mark.line + 1) + ": " +
                       error.msg);
  }
  return settings;
}

NotifySettings notify_settings_of(const Settings& settings) {
  return read_notify_settings(process_environment(), config_text(settings.config));
}

}  // namespace controller
