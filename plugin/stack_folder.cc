#include "plugin/stack_folder.h"

#include <array>
#include <nlohmann/json.hpp>

namespace plugin {

namespace {

constexpr std::array<std::string_view, 4> kComposeFiles = {
    "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"};

bool has_compose_file(const std::filesystem::path& folder) {
  for (const auto name : kComposeFiles) {
    std::error_code unreadable;
    if (std::filesystem::is_regular_file(folder / name, unreadable)) {
      return true;
    }
  }
  return false;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// The value without its quotes, or without the comment behind it.
std::string_view value_of(std::string_view text) {
  text = trimmed(text);
  if (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
    const auto end = text.find(text.front(), 1);
    return text.substr(1, end == std::string_view::npos ? end : end - 1);
  }
  return trimmed(text.substr(0, text.find(" #")));
}

}  // namespace

std::filesystem::path stack_folder(const std::filesystem::path& start) {
  for (auto folder = start;; folder = folder.parent_path()) {
    if (has_compose_file(folder)) {
      return folder;
    }
    if (folder == folder.parent_path()) {
      return start;
    }
  }
}

std::optional<std::string> project_in_dotenv(std::string_view text) {
  std::optional<std::string> project;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    constexpr std::string_view kExport = "export ";
    if (line.starts_with(kExport)) {
      line = trimmed(line.substr(kExport.size()));
    }
    const auto equals = line.find('=');
    if (equals != std::string_view::npos &&
        trimmed(line.substr(0, equals)) == "COMPOSE_PROJECT_NAME") {
      project = value_of(line.substr(equals + 1));
    }
  }
  return project && !project->empty() ? project : std::nullopt;
}

std::optional<std::string> project_in_config(const std::string& json) {
  const auto config = nlohmann::json::parse(json, nullptr, false);
  if (!config.is_object() || !config.contains("name") || !config["name"].is_string()) {
    return std::nullopt;
  }
  return config["name"].get<std::string>();
}

}  // namespace plugin
