#include "controller/plan/policy_file.h"

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <set>

namespace controller {

namespace {

std::string place_of(const YAML::Node& node) {
  return "config file, line " + std::to_string(node.Mark().line + 1);
}

using Settings = std::vector<std::pair<std::string, PolicySetting>>;

class Reader {
 public:
  explicit Reader(Complaints& complaints) : complaints_(complaints) {}

  PolicyFile read(const YAML::Node& root) {
    PolicyFile file;
    for (const auto& [name, node] : entries(root, "the file")) {
      if (name == "volumes") {
        file.volumes = subjects(node, "volumes");
      } else if (name == "services") {
        file.services = subjects(node, "services");
      } else if (name == "schedules") {
        file.schedules = subjects(node, "schedules");
      } else if (name == "destinations" || name == "notifications") {
        continue;  // read by those who copy and tell
      } else {
        complaints_.push_back(place_of(node) + ": " + name + " is unknown" +
                              did_you_mean(name, {"volumes", "services", "schedules",
                                                  "destinations", "notifications"}));
      }
    }
    return file;
  }

 private:
  std::vector<std::pair<std::string, YAML::Node>> entries(const YAML::Node& node,
                                                          const std::string& what) {
    std::vector<std::pair<std::string, YAML::Node>> found;
    if (node.IsNull()) {
      return found;
    }
    if (!node.IsMap()) {
      complaints_.push_back(place_of(node) + ": " + what + " should map names to values");
      return found;
    }
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const auto name = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
      if (!seen.insert(name).second) {
        complaints_.push_back(place_of(entry.first) + ": " + name + " is there twice");
      }
      found.emplace_back(name, entry.second);
    }
    return found;
  }

  Settings subjects(const YAML::Node& node, const std::string& what) {
    Settings settings;
    for (const auto& [subject, body] : entries(node, what)) {
      for (const auto& [name, value] : flat(entries(body, subject))) {
        if (name.starts_with("schedule.")) {
          complaints_.push_back(place_of(value) + ": " + name +
                                " is how labels say it; here it belongs below schedules");
        }
        const bool argv = name.starts_with("hook.") && value.IsSequence();
        settings.emplace_back(subject, PolicySetting{name, argv ? argv_text(value) : text_of(value),
                                                     place_of(value)});
      }
    }
    return settings;
  }

  /// What a schedule says of its retention in a map of its own: "retention.daily".
  std::vector<std::pair<std::string, YAML::Node>> flat(
      const std::vector<std::pair<std::string, YAML::Node>>& settings) {
    std::vector<std::pair<std::string, YAML::Node>> found;
    for (const auto& [name, value] : settings) {
      if (name != "retention" || !value.IsMap()) {
        found.emplace_back(name, value);
        continue;
      }
      for (const auto& [rule, count] : entries(value, name)) {
        found.emplace_back("retention." + rule, count);
      }
    }
    return found;
  }

  std::string text_of(const YAML::Node& value) {
    if (value.IsScalar()) {
      return value.Scalar();
    }
    if (!value.IsSequence()) {
      complaints_.push_back(place_of(value) + ": should be a value or a list of values");
      return {};
    }
    std::string text;
    for (const auto& entry : value) {
      text += (text.empty() ? "" : ",") + text_of(entry);
    }
    return text;
  }

  /// A list that is a command: as labels write it.
  std::string argv_text(const YAML::Node& value) {
    auto words = nlohmann::json::array();
    for (const auto& entry : value) {
      words.push_back(text_of(entry));
    }
    return words.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  Complaints& complaints_;
};

}  // namespace

PolicyFile read_policy_file(std::string_view yaml, Complaints& complaints) {
  try {
    return Reader(complaints).read(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& error) {
    complaints.push_back("config file, line " + std::to_string(error.mark.line + 1) + ": " +
                         error.msg);
    return {};
  }
}

void check_values(const PolicyFile& file, Complaints& complaints) {
  Policy scratch;
  for (const auto& [name, setting] : file.volumes) {
    apply(setting, scratch.volumes[name], complaints);
  }
  for (const auto& [name, setting] : file.services) {
    apply(setting, scratch.services[name], complaints);
  }
}

}  // namespace controller
