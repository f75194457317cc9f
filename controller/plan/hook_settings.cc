#include "controller/plan/hook_settings.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace controller {

namespace {

using std::chrono::seconds;

constexpr std::string_view kPrefix = "hook.";
constexpr std::string_view kTimeout = ".timeout";
constexpr std::string_view kUser = ".user";
constexpr std::string_view kOnError = ".on-error";
constexpr std::string_view kSql = ".sql";

std::string name_of(HookMoment moment) {
  return std::string(kPrefix) + std::string(to_string(moment));
}

/// A setting's moment and what is said of it: "" is the command.
struct HookWord {
  HookMoment moment = HookMoment::PreBackup;
  std::string option;
};

std::vector<std::string> known_names() {
  std::vector<std::string> names;
  for (const auto moment : kHookMoments) {
    for (const auto option : {std::string_view(), kTimeout, kUser, kOnError}) {
      names.push_back("cofferdam." + name_of(moment) + std::string(option));
    }
  }
  names.push_back("cofferdam." + name_of(HookMoment::PostRestore) + std::string(kSql));
  return names;
}

std::optional<HookWord> word_of(const std::string& name) {
  for (const auto moment : kHookMoments) {
    const auto begin = name_of(moment);
    if (!name.starts_with(begin)) {
      continue;
    }
    const auto option = name.substr(begin.size());
    const bool known = option.empty() || option == kTimeout || option == kUser ||
                       option == kOnError || (option == kSql && moment == HookMoment::PostRestore);
    if (known) {
      return HookWord{moment, option};
    }
  }
  return std::nullopt;
}

bool has_word(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") != std::string::npos;
}

std::optional<std::vector<std::string>> argv_of(const PolicySetting& setting,
                                                Complaints& complaints) {
  const auto json = nlohmann::json::parse(setting.value, nullptr, false);
  const auto is_text = [](const nlohmann::json& word) { return word.is_string(); };
  if (!json.is_array() || !std::all_of(json.begin(), json.end(), is_text)) {
    complain(setting,
             "is no JSON array of strings (a shell command that begins with [ can say test "
             "instead)",
             complaints);
    return std::nullopt;
  }
  auto command = json.get<std::vector<std::string>>();
  if (command.empty() || command.front().empty()) {
    complain(setting, "names no program", complaints);
    return std::nullopt;
  }
  for (const auto& word : command) {
    if (word.find('\0') != std::string::npos) {
      complain(setting, "an argument cannot hold a NUL", complaints);
      return std::nullopt;
    }
  }
  return command;
}

/// A JSON array is an argv, anything else is for the shell.
std::optional<std::vector<std::string>> command_of(const PolicySetting& setting,
                                                   Complaints& complaints) {
  const auto begin = setting.value.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) {
    complain(setting, "is empty", complaints);
    return std::nullopt;
  }
  if (setting.value[begin] == '[') {
    return argv_of(setting, complaints);
  }
  return std::vector<std::string>{"/bin/sh", "-c", setting.value};
}

std::optional<seconds> duration_from(std::string_view text) {
  int number = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, number);
  constexpr int kMost = 1'000'000;  // keeps hours of it far from any overflow
  if (problem != std::errc() || number < 1 || number > kMost) {
    return std::nullopt;
  }
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  if (unit.empty() || unit == "s") {
    return seconds(number);
  }
  if (unit == "m") {
    return std::chrono::minutes(number);
  }
  return unit == "h" ? std::optional<seconds>(std::chrono::hours(number)) : std::nullopt;
}

void apply_timeout(const PolicySetting& setting, HookPolicy& hook, Complaints& complaints) {
  const auto timeout = duration_from(setting.value);
  if (!timeout) {
    complain(setting, "\"" + setting.value + "\" is no time: seconds (90), 90s, 2m or 1h",
             complaints);
    return;
  }
  hook.timeout = timeout;
}

void apply_user(const PolicySetting& setting, HookPolicy& hook, Complaints& complaints) {
  const bool plain = std::all_of(setting.value.begin(), setting.value.end(),
                                 [](char one) { return one > ' ' && one != '\x7f'; });
  if (setting.value.empty() || !plain) {
    complain(setting, "\"" + setting.value + "\" is no user: a name or number, or user:group",
             complaints);
    return;
  }
  hook.user = setting.value;
}

void apply_on_error(const PolicySetting& setting, HookPolicy& hook, Complaints& complaints) {
  for (const auto on_error : {OnError::Fail, OnError::Continue}) {
    if (setting.value == to_string(on_error)) {
      hook.on_error = on_error;
      return;
    }
  }
  complain(setting,
           "\"" + setting.value + "\" is neither fail nor continue" +
               did_you_mean(setting.value, {"fail", "continue"}),
           complaints);
}

void apply_sql(const PolicySetting& setting, HookPolicy& hook, Complaints& complaints) {
  if (!has_word(setting.value)) {
    complain(setting, "is empty", complaints);
    return;
  }
  hook.sql = setting.value;
}

void apply_word(const PolicySetting& setting, const std::string& option, HookPolicy& hook,
                Complaints& complaints) {
  if (option == kTimeout) {
    apply_timeout(setting, hook, complaints);
  } else if (option == kUser) {
    apply_user(setting, hook, complaints);
  } else if (option == kOnError) {
    apply_on_error(setting, hook, complaints);
  } else if (option == kSql) {
    apply_sql(setting, hook, complaints);
  } else if (auto command = command_of(setting, complaints)) {
    hook.command = std::move(*command);
  }
}

/// The place of an option, empty if it was not said.
std::string place_of(const HookPolicy& hook, const std::string& name) {
  const auto found = hook.places.find(name);
  return found == hook.places.end() ? std::string() : found->second;
}

void check_options(HookMoment moment, const HookPolicy& hook, Complaints& complaints) {
  const auto name = name_of(moment);
  const bool has_command = hook.places.contains(name);
  const bool has_sql = hook.places.contains(name + std::string(kSql));
  for (const auto option : {kTimeout, kUser, kOnError}) {
    const auto place = place_of(hook, name + std::string(option));
    const bool has_effect = has_command || (has_sql && option != kUser);
    if (!place.empty() && !has_effect) {
      complaints.push_back(place + ": cofferdam." + name + std::string(option) +
                           ": there is no cofferdam." + name + " that it could be about");
    }
  }
}

void check_sql(const std::string& service, const ServicePolicy& policy, const HookPolicy& hook,
               Complaints& complaints) {
  const auto name = name_of(HookMoment::PostRestore) + std::string(kSql);
  const auto place = place_of(hook, name);
  if (!place.empty() && policy.database == "none") {
    complaints.push_back(place + ": cofferdam." + name + " of service " + service +
                         " contradicts cofferdam.database: none");
  }
}

}  // namespace

void apply_hook(const PolicySetting& setting, ServicePolicy& policy, Complaints& complaints) {
  const auto word = word_of(setting.name);
  if (!word) {
    complaints.push_back(setting.place + ": cofferdam." + setting.name + " is unknown" +
                         did_you_mean("cofferdam." + setting.name, known_names()));
    return;
  }
  auto& hook = policy.hooks[word->moment];
  hook.places[setting.name] = setting.place;
  apply_word(setting, word->option, hook, complaints);
}

void check_hooks(const Policy& policy, Complaints& complaints) {
  for (const auto& [service, said] : policy.services) {
    for (const auto& [moment, hook] : said.hooks) {
      check_options(moment, hook, complaints);
      check_sql(service, said, hook, complaints);
    }
  }
}

}  // namespace controller
