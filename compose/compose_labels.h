// The labels that Compose puts on what it makes, and what they tell about a container.
#pragma once

#include <string>
#include <string_view>

#include "dockerapi/container.h"

namespace compose {

inline constexpr std::string_view kProjectLabel = "com.docker.compose.project";
inline constexpr std::string_view kServiceLabel = "com.docker.compose.service";
inline constexpr std::string_view kNumberLabel = "com.docker.compose.container-number";
inline constexpr std::string_view kOneOffLabel = "com.docker.compose.oneoff";
inline constexpr std::string_view kConfigHashLabel = "com.docker.compose.config-hash";
inline constexpr std::string_view kDependsOnLabel = "com.docker.compose.depends_on";
inline constexpr std::string_view kNetworkLabel = "com.docker.compose.network";
inline constexpr std::string_view kVolumeLabel = "com.docker.compose.volume";
inline constexpr std::string_view kWorkingDirectoryLabel = "com.docker.compose.project.working_dir";
inline constexpr std::string_view kConfigFilesLabel = "com.docker.compose.project.config_files";
inline constexpr std::string_view kEnvironmentFileLabel =
    "com.docker.compose.project.environment_file";

/// Empty if the container has no such label.
std::string label(const dockerapi::Container& container, std::string_view name);

/// Compose's own test of what belongs to a project.
bool is_compose_container(const dockerapi::Container& container);

/// Made by `compose run`.
bool is_one_off(const dockerapi::Container& container);

/// One of our own, made for a job.
bool is_helper(const dockerapi::Container& container);

/// Which of the replicas of its service it is, from 1; 0 if the label is missing.
int replica_number(const dockerapi::Container& container);

}  // namespace compose
