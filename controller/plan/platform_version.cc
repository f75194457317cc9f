#include "controller/plan/platform_version.h"

#include <optional>

namespace controller {

namespace {

std::string tag_of(std::string image) {
  image = image.substr(0, image.find('@'));
  const auto slash = image.rfind('/');
  const auto colon = image.rfind(':');
  // A colon before a slash belongs to the registry's port.
  const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  return tagged ? image.substr(colon + 1) : std::string("latest");
}

std::string version_from(const compose::Service& service, const std::string& source,
                         const std::string& place) {
  const auto& container = service.replicas.back();
  if (source == "image-tag") {
    return tag_of(container.image);
  }
  const auto name = source.substr(source.find(':') + 1);
  if (source.starts_with("label:")) {
    if (const auto found = container.labels.find(name); found != container.labels.end()) {
      return found->second;
    }
  } else if (const auto value = dockerapi::env_value(container, name)) {
    return *value;
  }
  throw PolicyError(place + ": cofferdam.version: service " + service.name + " has no " +
                    (source.starts_with("label:") ? "label " : "variable ") + name);
}

bool is_ourselves(const compose::Stack& stack, const compose::Service& service) {
  return stack.self && service.replicas.back().id == *stack.self;
}

}  // namespace

std::string platform_version(const compose::Stack& stack, const Policy& policy,
                             const PlanRequest& request) {
  std::optional<std::string> shared;
  bool differs = false;
  for (const auto& service : stack.services) {
    if (service.replicas.empty()) {
      continue;
    }
    const auto said = policy.services.find(service.name);
    if (said != policy.services.end() && said->second.version_source) {
      return version_from(service, *said->second.version_source, said->second.place);
    }
    if (request.detections.contains(service.name) || is_ourselves(stack, service)) {
      continue;
    }
    const auto tag = tag_of(service.replicas.back().image);
    differs = differs || (shared && *shared != tag);
    shared = tag;
  }
  return differs || !shared || *shared == "latest" ? std::string() : *shared;
}

}  // namespace controller
