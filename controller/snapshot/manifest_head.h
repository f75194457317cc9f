// What the first lines of a manifest say: enough to choose one snapshot of many by.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/snapshot/manifest.h"

namespace controller {

struct ManifestHead {
  std::string project;
  std::string created_at;
  std::string status;  // as it stands there

  friend bool operator==(const ManifestHead&, const ManifestHead&) = default;
};

/// Of the first bytes of manifest.json, which may break off anywhere behind these fields.  Absent
/// if they are not there.  Nothing is checked: whoever chose by it reads the manifest whole.
std::optional<ManifestHead> manifest_head_from(std::string_view start);

}  // namespace controller
