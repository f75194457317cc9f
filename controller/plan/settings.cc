#include "controller/plan/settings.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>

#include "controller/plan/hook_settings.h"

namespace controller {

namespace {

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 3> kVolumeSettings = {"backup", "mode", "exclude"};
constexpr std::array<std::string_view, 6> kServiceSettings = {"backup",    "mode",    "database",
                                                              "databases", "version", "drill"};
// What we put on our own containers.
constexpr std::array<std::string_view, 3> kOwnSettings = {"role", "instance", "job"};

bool contains(Names names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Read by those who schedule: one that is wrong keeps nobody from a capture.
bool is_of_schedules(std::string_view name) {
  return name == "schedule" || name.starts_with("schedule.");
}

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\n");
  const auto end = text.find_last_not_of(" \t\n");
  return begin == std::string_view::npos ? std::string()
                                         : std::string(text.substr(begin, end - begin + 1));
}

std::vector<std::string> list_from(std::string_view text) {
  std::vector<std::string> entries;
  while (true) {
    const auto comma = text.find(',');
    entries.push_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) {
      return entries;
    }
    text.remove_prefix(comma + 1);
  }
}

std::optional<bool> truth_of(const PolicySetting& setting, Complaints& complaints) {
  if (setting.value == "true" || setting.value == "false") {
    return setting.value == "true";
  }
  complain(setting, "\"" + setting.value + "\" is neither true nor false", complaints);
  return std::nullopt;
}

std::optional<Mode> mode_of(const PolicySetting& setting, Complaints& complaints) {
  for (const auto mode : {Mode::Stop, Mode::Pause, Mode::Live, Mode::Dump}) {
    if (setting.value == to_string(mode)) {
      return mode;
    }
  }
  complain(setting,
           "\"" + setting.value + "\" is no mode: stop, pause, live or dump" +
               did_you_mean(setting.value, {"stop", "pause", "live", "dump"}),
           complaints);
  return std::nullopt;
}

/// Entries that are no glob below the volume's root are complained about, and then none count.
std::vector<std::string> globs_of(const PolicySetting& setting, Complaints& complaints) {
  auto globs = list_from(setting.value);
  for (const auto& glob : globs) {
    if (glob.empty()) {
      complain(setting, "an entry is empty", complaints);
      return {};
    }
    const auto padded = "/" + glob + "/";
    if (glob.front() == '/' || padded.find("/../") != std::string::npos) {
      complain(setting, "\"" + glob + "\" is not relative to the volume's root", complaints);
      return {};
    }
  }
  return globs;
}

void apply_mode(const PolicySetting& setting, ServicePolicy& policy, Complaints& complaints) {
  const auto mode = mode_of(setting, complaints);
  if (mode == Mode::Dump) {
    complain(setting, "a service has no dump mode: it is the default of a known database's volume",
             complaints);
  } else if (mode) {
    policy.mode = mode;
  }
}

void apply_database(const PolicySetting& setting, ServicePolicy& policy, Complaints& complaints) {
  if (setting.value == "postgres" || setting.value == "none") {
    policy.database = setting.value;
    return;
  }
  complain(setting,
           "\"" + setting.value + "\" is no database that is known: postgres or none" +
               did_you_mean(setting.value, {"postgres", "none"}),
           complaints);
}

void apply_databases(const PolicySetting& setting, ServicePolicy& policy, Complaints& complaints) {
  const auto names = list_from(setting.value);
  if (std::find(names.begin(), names.end(), "") != names.end()) {
    complain(setting, "an entry is empty", complaints);
    return;
  }
  policy.databases = names;
}

void apply_version(const PolicySetting& setting, ServicePolicy& policy, Complaints& complaints) {
  const auto& value = setting.value;
  const bool named = (value.starts_with("label:") && value.size() > 6) ||
                     (value.starts_with("env:") && value.size() > 4);
  if (value == "image-tag" || named) {
    policy.version_source = value;
    return;
  }
  complain(setting, "\"" + value + "\" is none of image-tag, label:NAME, env:NAME", complaints);
}

void complain_of_unknown(const PolicySetting& setting, Names known, Complaints& complaints) {
  std::vector<std::string> labels;
  labels.reserve(known.size());
  for (const auto& name : known) {
    labels.push_back("cofferdam." + std::string(name));
  }
  complaints.push_back(setting.place + ": cofferdam." + setting.name + " is unknown" +
                       did_you_mean("cofferdam." + setting.name, labels));
}

}  // namespace

void complain(const PolicySetting& setting, const std::string& problem, Complaints& complaints) {
  complaints.push_back(setting.place + ": cofferdam." + setting.name + ": " + problem);
}

void apply(const PolicySetting& setting, VolumePolicy& policy, Complaints& complaints) {
  if (policy.place.empty() || setting.name == "backup") {
    policy.place = setting.place;
  }
  if (setting.name == "backup") {
    policy.backup = truth_of(setting, complaints);
  } else if (setting.name == "mode") {
    policy.mode = mode_of(setting, complaints);
  } else if (setting.name == "exclude") {
    policy.exclude = globs_of(setting, complaints);
  } else if (contains(kServiceSettings, setting.name) || setting.name.starts_with("hook.") ||
             is_of_schedules(setting.name)) {
    complain(setting, "belongs on a service, not on a volume", complaints);
  } else {
    complain_of_unknown(setting, kVolumeSettings, complaints);
  }
}

void apply(const PolicySetting& setting, ServicePolicy& policy, Complaints& complaints) {
  if (policy.place.empty() || setting.name == "backup") {
    policy.place = setting.place;
  }
  if (setting.name == "backup") {
    policy.backup = truth_of(setting, complaints);
  } else if (setting.name == "mode") {
    apply_mode(setting, policy, complaints);
  } else if (setting.name == "database") {
    apply_database(setting, policy, complaints);
  } else if (setting.name == "databases") {
    apply_databases(setting, policy, complaints);
  } else if (setting.name == "version") {
    apply_version(setting, policy, complaints);
  } else if (setting.name == "drill") {
    policy.drill = truth_of(setting, complaints);
  } else if (setting.name.starts_with("hook.")) {
    apply_hook(setting, policy, complaints);
  } else if (setting.name == "exclude") {
    complain(setting, "belongs on a volume, not on a service", complaints);
  } else if (!contains(kOwnSettings, setting.name) && !is_of_schedules(setting.name)) {
    complain_of_unknown(setting, kServiceSettings, complaints);
  }
}

std::size_t edit_distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= one.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const std::size_t replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[other.size()];
}

std::string nearest(std::string_view name, const std::vector<std::string>& known) {
  constexpr std::size_t kNear = 3;  // letters; beyond it is a guess
  std::string best;
  std::size_t least = kNear + 1;
  for (const auto& candidate : known) {
    const auto distance = edit_distance(name, candidate);
    if (distance < least && distance < candidate.size()) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  const auto meant = nearest(name, known);
  return meant.empty() ? std::string() : " (did you mean " + meant + "?)";
}

}  // namespace controller
