// A live container as the model of one in a drill.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dockerapi/container.h"
#include "dockerapi/volume.h"

namespace controller {

/// How to run `recorded` as `live` is run, but for mounts and networks: without what its image had
/// set (the recorded one may be another version), devices, privileges, or capabilities that reach
/// beyond a container.  What was left out is added to `notes`.
dockerapi::ContainerSpec drill_container(const dockerapi::Container& live,
                                         const std::optional<dockerapi::Image>& live_image,
                                         const dockerapi::Image& recorded,
                                         std::vector<std::string>& notes);

/// Names by which others of its project know the container.
std::vector<std::string> drill_aliases(const std::string& service,
                                       const dockerapi::Container& live);

}  // namespace controller
