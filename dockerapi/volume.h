// Volumes and images as the engine describes them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dockerapi/container.h"

namespace dockerapi {

struct Volume {
  std::string name;
  std::string driver = "local";
  std::string mountpoint;  // path on the host
  std::string scope;       // "local" or "global"
  std::string created_at;
  Labels labels;
  Labels options;

  friend bool operator==(const Volume&, const Volume&) = default;
};

struct VolumeSpec {
  std::string name;
  std::string driver = "local";
  Labels labels;
  Labels options;
};

struct Image {
  std::string id;  // "sha256:…"
  std::vector<std::string> tags;
  std::vector<std::string> digests;  // "repo@sha256:…"
  std::string architecture;
  std::string os;
  Labels labels;
  // What a container of it gets unless it is told otherwise.
  std::vector<std::string> env = {};
  std::vector<std::string> command = {};
  std::vector<std::string> entrypoint = {};
  std::string user = {};
  std::string working_directory = {};
  std::vector<std::string> declared_volumes = {};
  std::optional<HealthCheck> health_check = {};
};

}  // namespace dockerapi
