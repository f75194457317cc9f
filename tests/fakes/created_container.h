// What a container is that was made as asked.
#pragma once

#include "dockerapi/container.h"
#include "dockerapi/volume.h"

namespace fakes {

/// All of it that follows from the request and the image alone: no id, name, times or mounts.
dockerapi::Container container_from(const dockerapi::ContainerSpec& spec,
                                    const dockerapi::Image& image);

}  // namespace fakes
