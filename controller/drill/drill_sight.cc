#include "controller/drill/drill_plan.h"

namespace controller {

namespace {

std::optional<dockerapi::Image> image_of(dockerapi::Engine& engine, const std::string& reference) {
  if (reference.empty()) {
    return std::nullopt;
  }
  try {
    return engine.inspect_image(reference);
  } catch (const dockerapi::NotFound&) {
    return std::nullopt;
  }
}

/// By its id; else by a digest, since another kind of image store gives the same image another id.
std::optional<dockerapi::Image> recorded_image(dockerapi::Engine& engine,
                                               const ServiceRecord& record) {
  auto found = image_of(engine, record.image_id);
  for (const auto& digest : record.image_digests) {
    if (!found) {
      found = image_of(engine, digest);
    }
  }
  return found;
}

/// Absent also if the engine cannot look: the source of a stopped container's bind may be gone.
std::optional<dockerapi::PathStat> path_in(dockerapi::Engine& engine,
                                           const dockerapi::Container& container,
                                           const std::string& path) {
  try {
    return engine.stat_path(container.id, path);
  } catch (const dockerapi::Unreachable&) {
    throw;
  } catch (const dockerapi::Error&) {
    return std::nullopt;
  }
}

void look_at_binds(dockerapi::Engine& engine, const dockerapi::Container& container,
                   DrillSight& sight) {
  for (const auto& mount : container.mounts) {
    if (mount.kind != dockerapi::Mount::Kind::Bind || sight.binds.contains(mount.source)) {
      continue;
    }
    if (const auto seen = path_in(engine, container, mount.destination)) {
      sight.binds[mount.source] = *seen;
    }
  }
}

}  // namespace

DrillSight look_for_drill(dockerapi::Engine& engine, const compose::Stack& stack,
                          const Manifest& manifest, const std::string& own_image) {
  DrillSight sight;
  sight.own_image = own_image;
  for (const auto& record : manifest.services) {
    if (auto image = recorded_image(engine, record)) {
      sight.recorded[record.name] = std::move(*image);
    }
  }
  for (const auto& member : stack.services) {
    for (const auto& container : member.replicas) {
      if (auto image = image_of(engine, container.image_id)) {
        sight.live[member.name] = std::move(*image);
      }
      look_at_binds(engine, container, sight);
    }
  }
  return sight;
}

}  // namespace controller
