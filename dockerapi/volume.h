// Volumes and images as the engine describes them.
#pragma once

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
};

}  // namespace dockerapi
