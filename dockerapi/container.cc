#include "dockerapi/container.h"

namespace dockerapi {

bool alive(const Container& container) {
  return container.state == ContainerState::Running || container.state == ContainerState::Paused ||
         container.state == ContainerState::Restarting;
}

std::optional<std::string> env_value(const Container& container, const std::string& name) {
  const std::string prefix = name + "=";
  for (const auto& entry : container.env) {
    if (entry.starts_with(prefix)) {
      return entry.substr(prefix.size());
    }
  }
  return std::nullopt;
}

}  // namespace dockerapi
